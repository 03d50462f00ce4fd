"""The column that gives the order in which the rows of a table came, and what moves on with it."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.kinds.column import Column
from worker.kinds.column_kind import ColumnKind, Described
from worker.ranges.drift import Drift, drift_of

__all__ = ["drifts_of", "order_of"]

_FILLED = 0.95
_DIFFERENT = 0.01
"""The least share of the rows that differ in a date: of fewer dates nothing comes after another."""
_FEWEST_YEARS = 4
_FEWEST_OF_SORTED = 10
_YEAR_FIRST = r"^\d{4}[-/.]?\d{2}"
"""Dates in text that sort as the days do."""


def order_of(columns: Sequence[Column], kinds: Mapping[str, Described]) -> Column | None:
    """Return what gives the order of the rows; None if the table has nothing that does.

    That is a moving date, else a key of growing numbers, else years, each the column with the most
    different values; else dates in text with the year first, else the first column of numbers by
    which the rows are sorted.
    """
    for kind, is_one in (
        (ColumnKind.MOVING_DATE, _often_differs),
        (ColumnKind.KEY, _often_differs),
        (ColumnKind.YEAR, lambda one: one.distinct >= _FEWEST_YEARS),
    ):
        fit = [one for one in columns if kinds[one.path].kind is kind and _is_filled(one)]
        fit = [one for one in fit if (one.is_number or one.is_time) and is_one(one)]
        if fit:
            return max(fit, key=lambda one: one.distinct)
    in_text = _dates_in_text(one for one in columns if kinds[one.path].kind is ColumnKind.TEXT_DATE)
    return in_text or next((one for one in columns if _sorts_rows(one)), None)


def drifts_of(columns: Sequence[Column], order: Column | None) -> Mapping[str, Drift]:
    """Return how columns of numbers move on with an order, by path; without one nothing does."""
    if order is None:
        return {}
    sequence = np.argsort(order.numbers, kind="stable")
    return {one.path: drift_of(one.numbers[sequence]) for one in columns if one.is_number}


def _is_filled(column: Column) -> bool:
    return bool(column.filled.mean() >= _FILLED)


def _often_differs(column: Column) -> bool:
    return column.distinct >= _DIFFERENT * column.rows


def _dates_in_text(columns: Iterator[Column]) -> Column | None:
    """Return the first column whose texts sort as days do, as the places of its texts in order."""
    for column in columns:
        if _sorts_as_days(column):
            # As bytes: texts need not be proper UTF-8.
            places = pc.rank(pc.cast(column.different, pa.large_binary()))
            return Column(column.path, places.take(pa.array(column.codes, mask=column.codes < 0)))
    return None


def _sorts_as_days(column: Column) -> bool:
    return bool(
        column.is_text
        and _is_filled(column)
        and _often_differs(column)
        and pc.all(pc.match_substring_regex(column.different, _YEAR_FIRST)).as_py()
    )


def _sorts_rows(column: Column) -> bool:
    """Return whether numbers never fall from row to row."""
    return bool(
        column.is_number
        and column.distinct >= _FEWEST_OF_SORTED
        and column.filled.all()
        and (column.numbers[1:] >= column.numbers[:-1]).all()
    )
