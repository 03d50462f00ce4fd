import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.attempt.progress import TableRecord
from worker.attempt.summary import assemble, failed_part

LIMITS = [1000, 1500, 5000, 20_000, 100_000, 300_000, 1_000_000]


def done(name: str, columns: int = 1, size: int = 100, skipped: int = 0) -> TableRecord:
    summary = {
        "physical_name": f"main.shop.{name}",
        "summary_stats": {f"c{column}": {"min": "ü" * size} for column in range(columns)},
        "skipped_columns": {f"s{column}": "a reason" for column in range(skipped)},
    }
    return TableRecord(name, "completed", 2, None, json.dumps(summary))


def failed(name: str, size: int = 500) -> TableRecord:
    error = f"{name}: " + "é" * size
    return TableRecord(name, "failed", 0, error, failed_part(f"main.shop.{name}", error))


CASES = {
    "200 tables": [done(f"t{number}", 1 + number % 20) for number in range(200)],
    "200 tables of one small column": [done(f"t{number}", 1, 1) for number in range(200)],
    "2000 columns": [done("wide", 2000, 60), done("narrow", 2)],
    "2000 skipped columns": [done("wide", 1, 1, skipped=2000), done("narrow", 1, 1, skipped=1)],
    "200 long errors": [failed(f"f{number}") for number in range(200)],
    "all at once": [
        *(done(f"t{number}", 10, 60, skipped=3) for number in range(190)),
        done("wide", 2000, 60, skipped=500),
        *(failed(f"f{number}") for number in range(200)),
    ],
    "names that JSON escapes": [done('"' * 90 + str(number), 2, 50) for number in range(50)],
}


def check_against(records: Sequence[TableRecord], limit: int) -> dict[str, Any]:
    """Check that the summary fits, and that `cut` names what was left out and nothing else."""
    text = assemble(records, limit)
    summary: dict[str, Any] = json.loads(text)
    cut = summary.get("cut", [])
    assert len(text.encode()) <= limit
    assert summary["total_suggestions"] == sum(record.suggestions for record in records)
    errors = [record.schema_name for record in records if record.error is not None]
    kept = [error["schema"] for error in summary["errors"]]
    assert kept == errors[: len(kept)]
    assert kept == errors or any("errors" in line for line in cut)
    if not summary["tables"]:
        assert cut[0] == f"all {len(records)} tables left out"
        return summary
    left_out = []
    for record in records:
        before, after = json.loads(record.summary or "{}"), summary["tables"][record.schema_name]
        for field in ("summary_stats", "skipped_columns"):
            if before.get(field) and not after[field]:
                count = len(before[field])
                left_out.append(f"{field} of {record.schema_name}: {count} entries left out")
            else:
                assert before.get(field) == after.get(field)
    assert sorted(cut) == sorted(left_out)
    return summary


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("records", CASES.values(), ids=CASES)
def test_a_summary_fits_and_says_what_was_left_out(records: list[TableRecord], limit: int) -> None:
    check_against(records, limit)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 150), st.integers(0, 3)), min_size=1, max_size=6
    ),
    st.integers(0, 3),
    st.integers(1000, 4000),
)
def test_any_summary_fits_and_says_what_was_left_out(
    shapes: list[tuple[int, int, int]], failures: int, limit: int
) -> None:
    tables = [done(f"t{number}", *shape) for number, shape in enumerate(shapes)]

    check_against([*tables, *(failed(f"f{number}") for number in range(failures))], limit)


def test_what_fits_exactly_is_whole_and_one_byte_less_is_cut() -> None:
    records = [done("a", 5), done("b", 1), failed("c")]
    whole = assemble(records, 1_000_000)
    size = len(whole.encode())

    cut = json.loads(assemble(records, size - 1))["cut"]

    assert assemble(records, size) == whole
    assert cut == ["summary_stats of a: 5 entries left out"]


def test_the_largest_statistics_go_first() -> None:
    records = [done("small", 2), done("large", 9), done("middle", 5)]

    large, middle = check_against(records, 1500)["cut"]

    assert large == "summary_stats of large: 9 entries left out"
    assert middle == "summary_stats of middle: 5 entries left out"


def test_skipped_columns_go_after_statistics_and_before_tables() -> None:
    records = [done("a", 2, 1, skipped=50), done("b", 1, 1, skipped=1)]

    assert check_against(records, 500)["cut"] == [
        "summary_stats of a: 2 entries left out",
        "summary_stats of b: 1 entries left out",
        "skipped_columns of a: 50 entries left out",
    ]


def test_tables_go_only_where_leaving_out_statistics_is_not_enough() -> None:
    records = [done("a", 1, 95), done("b", 1, 90), done("c", 1, 75)]
    enough = next(
        limit for limit in range(200, 2000) if json.loads(assemble(records, limit))["tables"]
    )

    gone = [limit for limit in range(enough, 1000) if not check_against(records, limit)["tables"]]

    assert gone == []
    assert check_against(CASES["200 tables"], 100_000)["tables"]


@pytest.mark.parametrize("records", [[done("a", 30), done("b")], [done("a", 30), failed("b", 1)]])
def test_errors_are_told_to_be_left_out_only_where_they_are(records: list[TableRecord]) -> None:
    summary = json.loads(assemble(records, 250))

    assert summary["tables"] == {}
    assert len(summary["errors"]) == sum(record.error is not None for record in records)
    assert not any("errors" in line for line in summary["cut"])


def test_as_many_errors_stay_as_fit() -> None:
    records = [failed(f"f{number}") for number in range(200)]

    kept = [len(check_against(records, limit)["errors"]) for limit in (1000, 5000, 20_000)]

    assert 1 <= kept[0] < kept[1] < kept[2]
