"""Past and unseen rows of a case."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from tests.bench_suggestions.cases import CLEAN, Case, Dirt, Split, cases, parts_of
from tests.bench_suggestions.table import BenchTable, Fold, Kind

ROWS = pa.table(
    {
        "day": [date(2024, 1, 1) + timedelta(days=at) for at in range(200)],
        "text": [f"words {at}" for at in range(200)],
    }
)
TABLE = BenchTable(
    "t",
    Fold.DEVELOPMENT,
    lambda: ROWS,
    {"day": Kind.MOVING_DATE, "text": Kind.FREE_TEXT},
    order="day",
)


def test_in_order_of_time_the_unseen_rows_are_the_last() -> None:
    parts = parts_of(Case(TABLE, Split.TIME, CLEAN, 1), ROWS)
    assert pa.concat_tables([parts.past, parts.unseen]) == ROWS
    assert (parts.past.num_rows, parts.unseen.num_rows) == (140, 60)


def test_at_random_each_row_is_past_or_unseen() -> None:
    parts = parts_of(Case(TABLE, Split.RANDOM, CLEAN, 1), ROWS)
    both = sorted(parts.past["day"].to_pylist() + parts.unseen["day"].to_pylist())
    assert both == ROWS["day"].to_pylist()
    assert parts.past != ROWS.slice(0, 140)


def test_the_past_has_as_many_errors_as_its_dirt_says_and_the_unseen_rows_none() -> None:
    clean = parts_of(Case(TABLE, Split.RANDOM, CLEAN, 1), ROWS)
    dirty = parts_of(Case(TABLE, Split.RANDOM, Dirt(0.05), 1), ROWS)
    assert (len(clean.past_errors), len(dirty.past_errors)) == (0, 7)
    assert clean.past != dirty.past
    assert (clean.unseen, clean.wrong) == (dirty.unseen, dirty.wrong)


def test_all_errors_of_the_past_can_be_in_one_column() -> None:
    parts = parts_of(Case(TABLE, Split.RANDOM, Dirt(0.1, one_column=True), 1), ROWS)
    assert len({one.column for one in parts.past_errors}) == 1


@pytest.mark.parametrize(
    ("order", "splits"), [("day", ["random", "random", "time"]), (None, ["random", "random"])]
)
def test_a_table_without_an_order_is_not_split_by_time(
    order: str | None, splits: list[str]
) -> None:
    table = BenchTable("t", Fold.DEVELOPMENT, lambda: ROWS, TABLE.kinds, order=order)
    found = [str(one.split) for one in cases([table], [CLEAN], [1, 2])]
    assert found == splits
