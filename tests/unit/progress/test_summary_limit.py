import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.profiling.results import TableProfile
from worker.progress.summary import assemble, failed_part, profiled_part
from worker.progress.table_progress import TableRecord
from worker.sampling.sample_facts import Counted, Counting, SampleFacts, Sampling

DEFAULT = 50_000
WIDE = 10**9
SAMPLE = SampleFacts(
    rows=4912, of_rows=336776, sampling=Sampling.STOCK, fraction=0.0148, limit=5000, seed=42
)
KEPT = {
    *("physical_name", "rows", "of_rows", "columns", "duration_s", "skipped_columns"),
    *("sampling", "sample_fraction", "sample_limit", "sample_seed", "held_back_counts"),
}
NUMBERS: dict[str, Any] = {
    "count": 4912,
    "mean": 6.949367088607595,
    "stddev": 15.14000146513,
    "min": 0.0123456,
    "25%": 1.125,
    "50%": 3.0625,
    "75%": 9.40625,
    "max": 301.123456789,
    "count_non_null": 4912,
    "count_null": 88,
    "empty_count": 0,
    "count_distinct": 312,
}


def done(
    name: str, columns: int = 1, *, skipped: int = 0, held_back: int = 0, size: int = 0
) -> TableRecord:
    """A table that was profiled; `size` is characters of each column's least value."""
    statistics = {f"column_{number}": dict(NUMBERS) for number in range(columns)}
    if size:
        statistics = {key: one | {"min": "ü" * size} for key, one in statistics.items()}
    reasons = {f"s{number}": "type binary is not profiled" for number in range(skipped)}
    profile = TableProfile(
        name, columns, SAMPLE, Counted(Counting.FETCHED), statistics, 3, (), reasons
    )
    names = {f"column_{number}_is_null": "the contract has it" for number in range(held_back)}
    options = {"filter": "amount > 0 AND " * 10}
    part = profiled_part(profile, f"main.shop.{name}", 1.2, names, options)
    return TableRecord(name, "completed", 2, None, part)


def failed(name: str, size: int = 500) -> TableRecord:
    error = f"{name}: " + "é" * size
    return TableRecord(name, "failed", 0, error, failed_part(f"main.shop.{name}", error))


def shortened(records: Sequence[TableRecord], limit: int) -> dict[str, Any]:
    """Return the summary, checked for what holds of any."""
    text = assemble(records, limit)
    summary: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    assert len(text.encode()) <= limit
    assert summary["total_suggestions"] == sum(record.suggestions for record in records)
    errors = [record.schema_name for record in records if record.error is not None]
    assert [one["schema"] for one in summary["errors"]] == errors[: len(summary["errors"])]
    for name, table in summary["tables"].items():
        whole = json.loads(next(one.summary or "{}" for one in records if one.schema_name == name))
        for key, value in table.items():
            if key in ("skipped_columns", "summary_stats"):
                assert value.keys() <= whole[key].keys()
            elif key != "error":
                assert value == whole[key]
        for column, metrics in table.get("summary_stats", {}).items():
            assert metrics.items() <= whole["summary_stats"][column].items()
    return summary


def is_whole(summary: dict[str, Any], records: Sequence[TableRecord]) -> bool:
    whole = {one.schema_name: json.loads(one.summary or "") for one in records}
    return bool(summary["tables"] == whole)


def facts_alone(record: TableRecord) -> TableRecord:
    """Return a record of which nothing may be left out."""
    whole = json.loads(record.summary or "{}")
    kept = {key: value for key, value in whole.items() if key in KEPT | {"error"}}
    return TableRecord(record.schema_name, "completed", 2, record.error, json.dumps(kept))


CASES = {
    "200 tables": [done(f"t{number}", 1 + number % 20) for number in range(200)],
    "2000 columns": [done("wide", 2000), done("narrow", 2)],
    "2000 skipped columns": [done("wide", 1, skipped=2000), done("narrow", 1, skipped=1)],
    "2000 names": [done("wide", 1, held_back=2000), done("narrow", 1, held_back=1)],
    "200 long errors": [failed(f"f{number}") for number in range(200)],
    "all at once": [
        *(done(f"t{number}", 10, skipped=3, held_back=2, size=60) for number in range(190)),
        done("wide", 2000, skipped=500),
        *(failed(f"f{number}") for number in range(200)),
    ],
    "names that JSON escapes": [done('"' * 90 + str(number), 2, size=50) for number in range(50)],
    "a name longer than the limit": [done("x" * 1_100_000), done("a"), failed("f")],
}


@pytest.mark.parametrize("limit", [1000, 1500, 5000, 20_000, DEFAULT, 300_000, 1_000_000])
@pytest.mark.parametrize("records", CASES.values(), ids=CASES)
def test_a_summary_fits_and_says_whether_something_was_left_out(
    records: list[TableRecord], limit: int
) -> None:
    summary = shortened(records, limit)

    assert is_whole(summary, records) == ("cut" not in summary)


SHAPES = st.builds(
    done,
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9),
    st.integers(0, 40),
    skipped=st.integers(0, 9),
    held_back=st.integers(0, 30),
    size=st.integers(0, 150),
)


@given(
    st.lists(SHAPES | st.builds(failed, st.text("fgh", min_size=1), st.integers(0, 300)),
             min_size=1, max_size=9, unique_by=lambda record: record.schema_name),
    st.integers(1000, 20_000),
)  # fmt: skip
def test_any_summary_fits_and_keeps_what_is_never_left_out(
    records: list[TableRecord], limit: int
) -> None:
    summary = shortened(records, limit)

    if len(assemble([facts_alone(record) for record in records], WIDE).encode()) + 800 > limit:
        return
    assert list(summary["tables"]) == [record.schema_name for record in records]
    assert all(table.keys() >= KEPT or "error" in table for table in summary["tables"].values())
    assert len(summary["errors"]) == sum(record.error is not None for record in records)
    skipped = {
        record.schema_name: json.loads(record.summary or "").get("skipped_columns")
        for record in records
    }
    assert skipped == {
        name: table.get("skipped_columns") for name, table in summary["tables"].items()
    }


def test_what_fits_exactly_is_whole_and_one_byte_less_is_shortened() -> None:
    records = [done("a", 50, held_back=40), done("b", 1), failed("c")]
    size = len(assemble(records, WIDE).encode())

    assert is_whole(shortened(records, size), records)
    assert shortened(records, size - 1)["cut"] == [
        "held_back of 1 of 1 tables",
        "dqx-worker status RUN --json prints everything",
    ]


def test_300_columns_fit_the_default_with_the_most_useful_statistics_of_each() -> None:
    records = [done("wide", 300, held_back=100)]
    assert len(assemble(records, WIDE)) > 1.4 * DEFAULT

    (table,) = shortened(records, DEFAULT)["tables"].values()

    assert len(table["summary_stats"]) == 300
    for metrics in table["summary_stats"].values():
        assert list(metrics)[:6] == ["count", "count_null", "min", "max", "count_distinct", "mean"]
    assert table["held_back_counts"] == {"the contract has it": 100}
    assert "held_back" not in table


def test_the_least_useful_statistics_go_first_and_from_all_columns_alike() -> None:
    records = [done("large", 90), done("small", 9)]

    smaller = [shortened(records, limit) for limit in (16_000, 12_000, 9000, 7000, 5000, 3000)]

    kinds = [
        {
            frozenset(metrics)
            for table in summary["tables"].values()
            for metrics in table["summary_stats"].values()
        }
        for summary in smaller
    ]
    # In between, columns that come later have one kind less.
    assert all(1 <= len(sets) <= 2 for sets in kinds)
    sizes = [max(len(one) for one in sets) for sets in kinds]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]
    assert kinds[-1] == {frozenset({"count", "count_null"})}
    left = sum(len(table["summary_stats"]) for table in smaller[-1]["tables"].values())
    assert 0 < left < 99
    assert smaller[-1]["cut"] == [
        f"count, count_null of {99 - left} of 99 columns",
        "min, max, count_distinct, count_distinct_approximate, mean, 50%, stddev, 25%, 75%, "
        "others of all columns",
        "dqx-worker status RUN --json prints everything",
    ]


def test_no_table_loses_all_of_its_columns_while_another_keeps_all() -> None:
    summary = shortened([done("large", 2000), *(done(f"t{n}", 20) for n in range(9))], 8000)

    counts = {name: len(table["summary_stats"]) for name, table in summary["tables"].items()}
    assert max(counts.values()) - min(counts.values()) <= 1
    assert counts["large"] < 20


def test_errors_are_shortened_before_any_of_them_goes() -> None:
    records = [failed(f"f{number}") for number in range(100)]

    roomy, tight = (shortened(records, limit) for limit in (70_000, 1500))

    assert len(roomy["errors"]) == 100
    assert {len(one["error"]) for one in roomy["errors"]} == {100}
    assert roomy["cut"][0] == "errors beyond 100 characters"
    assert 1 <= len(tight["errors"]) < 100
    assert tight["cut"][:2] == [
        "errors beyond 50 characters",
        f"{100 - len(tight['errors'])} of 100 errors",
    ]


def test_the_work_grows_with_the_tables_and_not_with_their_square() -> None:
    # It takes a second; to encode all of it for each table would exceed the time that a test has.
    records = [done(f"t{number}", 200) for number in range(400)]

    assert len(assemble(records, DEFAULT)) <= DEFAULT
