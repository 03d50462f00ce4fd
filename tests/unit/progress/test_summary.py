import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.profiling.results import TableProfile
from worker.progress.summary import assemble, failed_part, profiled_part, refused
from worker.progress.table_progress import TableRecord
from worker.sampling.sample_facts import Counted, Counting, SampleFacts, Sampling
from worker.tables.file_facts import FileFacts

SAMPLE = SampleFacts(rows=10, of_rows=100, sampling=Sampling.STOCK, fraction=0.1, limit=10, seed=1)
COUNTED = Counted(Counting.FETCHED, stock_columns={"a": "column a is of type variant"})
WIDE = 1_000_000


def part(
    statistics: Mapping[str, Mapping[str, Any]], skipped: Mapping[str, str] | None = None
) -> str:
    profile = TableProfile("t", 2, SAMPLE, COUNTED, statistics, 3, (), skipped or {})
    return profiled_part(profile, "main.shop.t", 1.23456, {}, {"limit": 10})


def done(name: str, summary: str) -> TableRecord:
    return TableRecord(name, "completed", 2, None, summary)


def failed(name: str, error: str) -> TableRecord:
    return TableRecord(name, "failed", 0, error, failed_part("main.shop.f", error))


def strict(text: str) -> Any:
    """Parse as Postgres does: no NaN, no NUL, nothing that UTF-8 lacks."""
    assert "\x00" not in text
    assert r"\u0000" not in text
    text.encode()
    return json.loads(text, parse_constant=pytest.fail)


def assembled(records: Sequence[TableRecord], limit: int = WIDE) -> Any:
    text = assemble(records, limit)
    assert len(text.encode()) <= limit
    return strict(text)


def test_columns_have_their_own_names_unless_these_read_as_another_columns_path() -> None:
    paths = {"`Sepal.Length`": 1, "s.`x.y`": 2, "`s.x`": 3, "s.x": 4, "`we``ird`": 5, "plain": 6}
    reported = strict(part({path: {"count": number} for path, number in paths.items()}))
    assert {name: one["count"] for name, one in reported["summary_stats"].items()} == {
        "Sepal.Length": 1,
        "s.`x.y`": 2,
        "`s.x`": 3,
        "s.x": 4,
        "`we``ird`": 5,
        "plain": 6,
    }


def test_a_profiled_table_reports_what_was_looked_at() -> None:
    assert strict(part({"a": {"count": 10}}, {"a.b": "a dot"})) == {
        "physical_name": "main.shop.t",
        "summary_stats": {"a": {"count": 10}},
        "profile_count": 3,
        "rows": 10,
        "of_rows": 100,
        "sampling": "stock",
        "sample_fraction": 0.1,
        "sample_limit": 10,
        "sample_seed": 1,
        "profiler_options": {"limit": 10},
        "counted_by": "fetched",
        "stock_because": None,
        "stock_columns": {"a": "column a is of type variant"},
        "columns": 2,
        "duration_s": 1.235,
        "skipped_columns": {"a.b": "a dot"},
        "held_back": {},
        "held_back_counts": {},
    }


def test_a_file_reports_how_it_was_read_and_names_the_first_columns() -> None:
    nulls = {f"c{number:02}": {"NA": number} for number in range(30)}
    facts = FileFacts(
        format="csv",
        files=2,
        separators=(",", ";"),
        ragged_rows=1,
        first_ragged="a.csv: 1 fields, not 2",
        nulls=nulls,
        named={"a_2": "why"},
    )
    profile = TableProfile("t", 2, SAMPLE, COUNTED, {}, 3, (), {}, facts)
    file = strict(profiled_part(profile, "t.csv", 1, {}, {}))["file"]
    assert file == {
        "format": "csv",
        "files": 2,
        "separators": [",", ";"],
        "ragged_rows": 1,
        "first_ragged": "a.csv: 1 fields, not 2",
        "nulls": {f"c{number:02}": {"NA": number} for number in range(20)},
        "nulls_columns": 30,
        "named": {"a_2": "why"},
        "named_columns": 1,
    }
    kept = assembled([done("a", profiled_part(profile, "t.csv", 1, {}, {}))], 2000)
    assert kept["tables"]["a"]["file"] == file


@pytest.mark.parametrize(
    ("value", "reported"),
    [
        *((None, None), (True, True), (7, 7), (0.5, 0.5), ("größe", "größe")),
        *((math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")),
        *(
            (Decimal("1.50"), "1.50"),
            (Decimal("NaN"), "NaN"),
            (b"\x00a", r"b'\x00a'"),
            (b"y" * 999, "b'" + "y" * 197 + "…"),
        ),
        (date(2024, 1, 2), "2024-01-02"),
        (datetime(2024, 1, 2, 3, 4, tzinfo=UTC), "2024-01-02T03:04:00+00:00"),
        *(("a\x00b", "a\ufffdb"), ("a\ud800b", "a?b"), ("🙂\u2028", "🙂\u2028")),
        ((1, [math.nan], {"k\x00": Decimal(2)}), [1, ["nan"], {"k\ufffd": "2"}]),
        *((("x" * 200), "x" * 200), ("x" * 201, "x" * 199 + "…"), (["y" * 999], ["y" * 199 + "…"])),
    ],
)
def test_every_value_has_its_form_in_json(value: Any, reported: Any) -> None:
    assert strict(part({"a": {"min": value}}))["summary_stats"]["a"]["min"] == reported


VALUES = st.recursive(
    st.none() | st.floats() | st.decimals() | st.dates() | st.datetimes() | st.binary() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(), inner, max_size=3),
    max_leaves=4,
)
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=9)
STATISTICS = st.dictionaries(ANY_TEXT, st.dictionaries(ANY_TEXT, VALUES, max_size=3), max_size=3)


@given(STATISTICS, ANY_TEXT)
def test_whatever_was_counted_the_summary_is_json_that_postgres_takes(
    statistics: dict[str, dict[str, Any]], text: str
) -> None:
    failure = TableRecord("f", "failed", 0, text, failed_part(text, text))

    assembled([done("t", part(statistics, {text: text})), failure])
    strict(refused(text))


def test_a_failed_table_reports_why() -> None:
    assert strict(failed_part(None, "e")) == {"physical_name": None, "error": "e"}


def test_the_whole_reports_every_table_every_error_and_the_sum() -> None:
    records = [
        done("a", part({})),
        failed("b", "x" * 300),
        TableRecord("c", "failed", 0, "e", None),
    ]

    whole = assembled(records)

    assert list(whole) == ["tables", "total_suggestions", "errors"]
    assert list(whole["tables"]) == ["a", "b", "c"]
    assert whole["total_suggestions"] == 2
    assert whole["errors"] == [
        {"schema": "b", "table": "main.shop.f", "error": "x" * 199 + "…"},
        {"schema": "c", "table": None, "error": "e"},
    ]


def test_two_long_names_that_begin_alike_are_two_tables_and_two_columns() -> None:
    long = "x" * 250
    statistics = {long + "1": {"min": 1}, long + "2": {"min": 2}}

    whole = assembled([done(long + "1", part(statistics)), done(long + "2", part({}))])

    assert len(whole["tables"]) == 2
    assert {len(table["summary_stats"]) for table in whole["tables"].values()} == {2, 0}
