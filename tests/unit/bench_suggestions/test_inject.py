"""Errors are where the injector says, and nowhere else."""

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tests.bench_suggestions.errors import MAKERS, Cell, ErrorKind
from tests.bench_suggestions.inject import inject

ROWS = 400
TABLE = pa.table(
    {
        "id": pa.array(range(ROWS), pa.int64()),
        "name": [f"Person {at}" for at in range(ROWS)],
        "city": ["Köln", "Rome"] * (ROWS // 2),
        "price": pa.array([Decimal("12.50")] * ROWS, pa.decimal128(9, 2)),
        "share": [0.25] * ROWS,
        "day": [date(2024, 2, 29)] * ROWS,
        "at": [datetime(2024, 2, 29, tzinfo=UTC)] * ROWS,
        "ok": [True] * ROWS,
    }
)


def test_just_the_rows_that_are_named_differ() -> None:
    wrong, errors = inject(TABLE, 100, 1, key=["id"])
    differing = [
        at
        for at, (one, other) in enumerate(zip(TABLE.to_pylist(), wrong.to_pylist(), strict=True))
        if one != other
    ]
    assert [one.row for one in errors] == differing
    assert len(errors) == 100
    assert wrong.schema == TABLE.schema


def test_every_kind_of_error_and_every_column_comes_up() -> None:
    _, errors = inject(TABLE, ROWS, 2, key=["id"])
    assert {one.kind for one in errors} == set(ErrorKind)
    assert {one.column for one in errors} == set(TABLE.column_names)


def test_a_seed_gives_the_same_errors_again() -> None:
    assert inject(TABLE, 50, 3) == inject(TABLE, 50, 3)
    assert inject(TABLE, 50, 3) != inject(TABLE, 50, 4)


def test_all_errors_can_be_in_one_column() -> None:
    _, errors = inject(TABLE, 50, 1, only="city")
    assert {one.column for one in errors} == {"city"}


def test_a_row_that_allows_no_error_stays_right() -> None:
    table = pa.table({"nothing": pa.array([None] * 5, pa.string())})
    assert inject(table, 5, 1) == (table, [])


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (ErrorKind.NULL, "a", {None}),
        (ErrorKind.EMPTY, "a", {""}),
        (ErrorKind.BLANK_AROUND, "a", {" a", "a ", " a "}),
        (ErrorKind.CASE, "aB", {"ab", "AB", "Ab"}),
        (ErrorKind.TIMES_10, 7, {70}),
        (ErrorKind.TIMES_1000, Decimal("0.5"), {Decimal("500.0")}),
        (ErrorKind.SIGN, 2.5, {-2.5}),
        (ErrorKind.MOJIBAKE, "Köln", {"KÃ¶ln"}),
        (ErrorKind.MOJIBAKE, "Rome", {"RÃ¶me", "RomÃ©"}),
        (
            ErrorKind.FAR_DATE,
            date(2024, 2, 29),
            {date(1924, 2, 28), date(2124, 2, 28), date(3024, 2, 28)},
        ),
    ],
)
def test_an_error_is_what_its_name_says(
    kind: ErrorKind, value: object, expected: set[object]
) -> None:
    cell = Cell("c", {"c": value}, (), (), {}, np.random.default_rng(1))
    found = [MAKERS[kind](cell) for _ in range(60)]
    assert {one["c"] for one in found if one} <= expected
    assert all(found)


@pytest.mark.parametrize("kind", [one for one in ErrorKind if one is not ErrorKind.NULL])
def test_an_error_that_would_change_nothing_is_none(kind: ErrorKind) -> None:
    cell = Cell("c", {"c": None, "d": None}, ("d",), ("c",), {"c": None}, np.random.default_rng(1))
    assert MAKERS[kind](cell) is None
