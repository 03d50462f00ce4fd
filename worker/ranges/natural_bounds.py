"""Bounds that a quantity has by its nature, if its name says which quantity it is."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from worker.kinds.column import Column, Numbers
from worker.kinds.column_kind import ColumnKind
from worker.kinds.names import AGES
from worker.ranges.rare import most_of_one

__all__ = ["Bounds", "may_be_negative", "natural_bounds", "oldest_of", "within_scale"]

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
_OF_SCALES = frozenset({"csat", "nps", "rating", "ratings", "stars"})
_ENDS_OF_SCALES = (5.0, 10.0, 100.0)
_SIGNED = frozenset(
    {
        *("alt", "altitude", "balance", "celsius", "change", "delta", "dew", "dewp", "diff"),
        *("difference", "elevation", "fahrenheit", "gain", "growth", "index", "latitude", "loss"),
        *("longitude", "margin", "offset", "profit", "score", "tavg", "temp", "temperature"),
        *("tmax", "tmean", "tmin"),
    }
)
"""Words for quantities that are negative at times, even if no row shows it."""
_OF_YEARS = frozenset({"years", "yr", "yrs", "year"})
_OLD, _OLDEST = 110, 120
"""Years. If no age is higher than the first, no one reaches the second."""
_USED_OF_CALENDAR = 0.5
"""The share of the bounds that the values have to fill."""
_USED_OF_EARTH = 0.2
"""Of places that lie closer together, bounds that are estimated say more."""
_USED_OF_SHARE = 0.05
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def natural_bounds(column: Column, kind: ColumnKind, numbers: Numbers) -> Bounds | None:
    """Return the bounds that the column's name or kind implies; None if the values deny them."""
    words = _words(column)
    last = words[-1] if words else ""
    if column.is_whole and last in _OF_CALENDAR:
        return _if_used(numbers, _OF_CALENDAR[last], _USED_OF_CALENDAR)
    if kind is ColumnKind.COORDINATE and last in _OF_PLACES:
        return _if_used(numbers, _OF_PLACES[last], _USED_OF_EARTH)
    if last in _OF_SCALES and numbers[0] >= 0 and numbers[-1] in _ENDS_OF_SCALES:
        return 0.0, float(numbers[-1])
    if kind is ColumnKind.SHARE:
        for bounds in _OF_SHARES:
            if (found := _if_used(numbers, bounds, _USED_OF_SHARE)) is not None:
                return found
    return None


def within_scale(column: Column, numbers: Numbers, tolerated: float) -> Numbers:
    """Return sorted numbers without the few beyond the end of a scale, such as six of five stars.

    They are a share of the numbers at most, and the end is a number that many rows have.
    """
    if _OF_SCALES.isdisjoint(_words(column)[-1:]) or numbers[-1] in _ENDS_OF_SCALES:
        return numbers
    for end in _ENDS_OF_SCALES:
        first, last = np.searchsorted(numbers, end, "left"), np.searchsorted(numbers, end, "right")
        beyond = len(numbers) - int(last)
        rare = most_of_one(len(numbers))
        if last - first > rare and 0 < beyond <= min(rare, tolerated * len(numbers)):
            return numbers[:last]
    return numbers


def may_be_negative(column: Column) -> bool:
    """Return whether the name is one of a quantity that is negative at times."""
    return not _SIGNED.isdisjoint(_words(column))


def oldest_of(column: Column, numbers: Numbers) -> float | None:
    """Return the age that no one reaches; None if sorted numbers are no ages in years."""
    words = _words(column)
    named = bool(words) and (words[-1] in AGES or (words[0] in AGES and words[-1] in _OF_YEARS))
    return float(_OLDEST) if named and numbers[0] >= 0 and numbers[-1] <= _OLD else None


def _words(column: Column) -> list[str]:
    return [one.casefold() for one in _WORD.findall(column.path)]


def _if_used(numbers: Numbers, bounds: Bounds, share: float) -> Bounds | None:
    """Return the bounds if sorted numbers keep to them and fill such a share of them."""
    (low, high), least, greatest = bounds, float(numbers[0]), float(numbers[-1])
    fits = low <= least and greatest <= high and greatest - least >= share * (high - low)
    return bounds if fits else None
