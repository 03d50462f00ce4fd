"""Bounds that a quantity has by its nature, if its name says which quantity it is."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from worker.suggestions.column import Column
from worker.suggestions.kinds.column_kind import ColumnKind

__all__ = ["natural_bounds"]

Bounds = tuple[float, float]

_OF_CALENDAR: Mapping[str, Bounds] = {
    "month": (1, 12),
    "quarter": (1, 4),
    "week": (1, 53),
    "day": (1, 31),
    "weekday": (0, 7),
    "hour": (0, 24),
    "minute": (0, 59),
    "second": (0, 59),
}
_OF_PLACES: Mapping[str, Bounds] = {
    "lat": (-90, 90),
    "latitude": (-90, 90),
    "lon": (-180, 180),
    "lng": (-180, 180),
    "long": (-180, 180),
    "longitude": (-180, 180),
}
_OF_SHARES: Sequence[Bounds] = ((0, 1), (0, 100))
_USED = 0.5
"""The share of natural bounds that the values of a calendar fill."""
_LEAST_USED = 0.05
_USED_OF_EARTH = 0.2
"""Of places that lie closer together, bounds that are estimated say more."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def natural_bounds(
    column: Column, kind: ColumnKind, numbers: NDArray[np.float64]
) -> Bounds | None:
    """Return the bounds that the column's name or kind implies; None if the values deny them."""
    least, greatest = float(numbers[0]), float(numbers[-1])
    words = [one.casefold() for one in _WORDS.findall(column.path)]
    last = words[-1] if words else ""
    if last in _OF_CALENDAR and pa.types.is_integer(column.values.type):
        low, high = _OF_CALENDAR[last]
        if low <= least and greatest <= high and greatest - least >= _USED * (high - low):
            return low, high
    if kind is ColumnKind.COORDINATE and last in _OF_PLACES:
        low, high = _OF_PLACES[last]
        wide = greatest - least >= _USED_OF_EARTH * (high - low)
        if wide and low <= least and greatest <= high:
            return low, high
    if kind is ColumnKind.SHARE and least >= 0:
        for low, high in _OF_SHARES:
            if greatest <= high and greatest > _LEAST_USED * high:
                return low, high
    return None
