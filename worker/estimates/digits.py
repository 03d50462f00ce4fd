"""The number of digits of whole numbers that name things."""

from decimal import Decimal

import numpy as np

from worker.estimates.bounds import NATURAL, enough_numbers
from worker.estimates.estimate import Estimate
from worker.kinds.column import Column, Flags, Numbers
from worker.ranges.steps import number_of

__all__ = ["digits_of_codes", "digits_of_keys"]

_OF_MOST_DIGITS = 0.2
"""The share of the numbers that have as many digits as the greatest one."""
_LEAST_DIGITS = 4
"""Shorter numbers may have one length by chance."""
_ROOM = 10
"""Times their own width that a key's numbers can grow before they need one more digit."""
_NEAR_AN_END = 0.01
"""A share of all numbers of a length. Numbers so close to both ends are drawn from all of them."""
_MOST_DIGITS = 15
"""Doubles do not hold all whole numbers of more digits."""


def digits_of_codes(column: Column, rows: Flags) -> Estimate | None:
    """Estimate that codes have no more digits than those that were seen, or as many if all do.

    There have to be many of the greatest length: codes of a given length do not become longer.
    """
    numbers = enough_numbers(column, rows)
    if numbers is None or not _are_whole(numbers) or numbers[0] < 0 or numbers[-1] < 1:
        return None
    digits = _digits(numbers)
    if digits > _MOST_DIGITS or (numbers >= 10.0 ** (digits - 1)).mean() < _OF_MOST_DIGITS:
        return None
    return _of(column, digits, all_of_one_length=_one_length(numbers, digits))


def digits_of_keys(column: Column, rows: Flags) -> Estimate | None:
    """Estimate that the numbers of a key have as many digits as all that were seen.

    Most keys grow. The numbers of this one are far from needing one digit more, or are drawn from
    all numbers of their length.
    """
    numbers = enough_numbers(column, rows)
    if numbers is None or not _are_whole(numbers) or numbers[0] < 0 or numbers[-1] < 1:
        return None
    digits = _digits(numbers)
    if digits > _MOST_DIGITS or not _one_length(numbers, digits):
        return None
    width = float(numbers[-1] - numbers[0])
    left = 10.0**digits - float(numbers[-1])
    is_drawn = width > (1 - 2 * _NEAR_AN_END) * 9 * 10.0 ** (digits - 1)
    if left < _ROOM * width and not is_drawn:
        return None
    return _of(column, digits, all_of_one_length=True)


def _of(column: Column, digits: int, *, all_of_one_length: bool) -> Estimate:
    first = 10.0 ** (digits - 1) if all_of_one_length else 0.0
    least = number_of(column, first, Decimal(1), up=False)
    greatest = number_of(column, 10.0**digits - 1, Decimal(1), up=True)
    reason = (
        f"Every number has {digits} digits."
        if all_of_one_length
        else f"No number has more than {digits} digits, and none is negative."
    )
    return Estimate(
        "is_in_range",
        {"min_limit": least, "max_limit": greatest},
        lambda other: other.outside(least, greatest),
        reason,
        2 * NATURAL,
    )


def _are_whole(numbers: Numbers) -> bool:
    """Return whether no number has a fraction; doubles with nulls may stand for whole numbers."""
    return bool((numbers == np.floor(numbers)).all())


def _digits(numbers: Numbers) -> int:
    """Return how many digits the greatest number has."""
    return len(str(int(numbers[-1])))


def _one_length(numbers: Numbers, digits: int) -> bool:
    return digits >= _LEAST_DIGITS and bool(numbers[0] >= 10.0 ** (digits - 1))
