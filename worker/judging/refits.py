"""Makes an estimate anew of a part of the rows and tries it on the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from worker.counting.check import Passed
from worker.estimates.estimate import Estimator
from worker.judging.proposal import Refits
from worker.kinds.column import Column, Flags, count_of

__all__ = ["Splits", "refit"]

_PARTS = 3
"""Random parts of the rows. Each is held out once, while an estimate is made of the others."""
_CUTS = (0.5, 0.65, 0.8)
"""The shares of the earlier rows in the order of the table."""
_FEWEST_IN_ORDER = 100


@dataclass(frozen=True)
class Splits:
    """The parts of a table's rows, the same for all estimates."""

    random: Sequence[tuple[Flags, Flags]]
    """Rows to make an estimate of, and rows to try it on."""
    in_order: Sequence[tuple[Flags, Flags]]

    @classmethod
    def of(cls, rows: int, order: Column | None) -> "Splits":
        """Split so many rows at random and, if a column gives an order, into before and after."""
        part = np.random.default_rng(rows).permutation(rows) % _PARTS
        random = [(part != one, part == one) for one in range(_PARTS)]
        return cls(random, list(_before_and_after(order)))


def _before_and_after(order: Column | None) -> Iterator[tuple[Flags, Flags]]:
    if order is None or count_of(order.filled) < _FEWEST_IN_ORDER:
        return
    numbers = np.where(np.isfinite(order.numbers), order.numbers, np.nan)
    for cut in _CUTS:
        at = np.nanquantile(numbers, cut)
        end = np.nanquantile(numbers, min(1.0, cut + 0.3))
        before, after = numbers <= at, (numbers > at) & (numbers <= end)
        if before.any() and after.any():
            yield before, after


def refit(
    column: Column, estimator: Estimator, parts: Sequence[tuple[Flags, Flags]]
) -> Refits | None:
    """Return how estimates of the parts fare; None without parts."""
    if not parts:
        return None
    made = held = rows = passing = 0
    for chosen, others in parts:
        found = estimator(column, chosen)
        if found is None:
            # What the part does not give the whole may give by chance: it counts as not held.
            made += 1
            continue
        failing = count_of(found.flagged(column, others))
        tried = count_of(others)
        made, held = made + 1, held + (failing == 0)
        rows, passing = rows + tried, passing + tried - failing
    return Refits(made, held, Passed(rows, passing))
