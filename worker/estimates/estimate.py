"""One rule that was estimated from some rows, and what it says of others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from worker.kinds.column import Column, Flags, count_of

__all__ = ["Estimate", "Estimator"]


@dataclass(frozen=True)
class Estimate:
    """A check function with arguments, made of some rows of a column."""

    function: str
    arguments: Mapping[str, Any]
    """Beside the column; values as DQX's generator writes them."""
    failing: Callable[[Column], Flags]
    """Returns which rows of a column with the same type fail."""
    reason: str
    """Why the rule is what it is: a sentence for people, without values of cells."""
    expected: float
    """How many rows of a next load of as many rows are expected to fail, by the estimator's own
    model of what it has not seen."""
    most_failing: float | None = None
    """The share of the rows that may fail before every row is flagged; None if each row that fails
    is flagged by itself."""

    def flagged(self, column: Column, rows: Flags) -> Flags:
        """Return which of these rows of a column the check flags, if they are a load."""
        failing: Flags = self.failing(column) & rows
        if self.most_failing is None:
            return failing
        beyond = count_of(failing) > self.most_failing * count_of(rows)
        return rows if beyond else np.zeros(column.rows, dtype=bool)


Estimator = Callable[[Column, Flags], Estimate | None]
"""Makes an estimate of the flagged rows; None if the rows give none.

A strict estimator lets none of these rows fail. A tolerant one lets a few fail, which its estimate
then says are wrong.
"""
