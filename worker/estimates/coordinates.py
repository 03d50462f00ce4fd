"""Latitudes and longitudes by DQX's own functions, if the values fill more than a region."""

import re
from collections.abc import Mapping

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags, count_of
from worker.kinds.column_kind import ColumnKind
from worker.ranges.natural_bounds import Bounds, natural_bounds
from worker.ranges.outliers import without_outliers

__all__ = ["coordinates"]

_FEWEST = 30
_NATURAL = 0.001
"""Rows that are expected to be beyond."""
_FUNCTIONS: Mapping[Bounds, tuple[str, str]] = {
    (-90, 90): ("is_latitude", "latitude"),
    (-180, 180): ("is_longitude", "longitude"),
}
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,99}")
"""DQX looks for the column by this form of its name (0.17, geo/check_funcs.py)."""


def coordinates(tolerated: float = 0.0) -> Estimator:
    """Return the estimator of a latitude or longitude; a share of the rows may be outliers."""

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        numbers = column.sorted(rows & column.filled)
        if tolerated:
            numbers = without_outliers(numbers, tolerated)
        if len(numbers) < _FEWEST or not _NAME.fullmatch(column.path):
            return None
        bounds = natural_bounds(column, ColumnKind.COORDINATE, numbers)
        if bounds is None or bounds not in _FUNCTIONS:
            return None
        function, noun = _FUNCTIONS[bounds]
        least, greatest = map(float, bounds)
        found = Estimate(
            function,
            {},
            lambda other: other.outside(least, greatest),
            f"Every value is a {noun}.",
            _NATURAL,
        )
        failing = count_of(found.failing(column) & rows)
        return found if failing <= tolerated * count_of(rows) else None

    return estimate
