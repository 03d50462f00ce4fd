"""What is counted of a column of numbers, beyond how often each occurs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from worker.kinds.facts import NEARLY_ALL, Facts

__all__ = ["Numbers"]

_END = 1 - NEARLY_ALL
_TENTH = 0.1
_SCALE = 4
_THIN = 4
_LAST_FRACTION = 2.0**52
"""Greater numbers are whole in any case, if stored in eight bytes."""
_Sorted = tuple[NDArray[np.float64], NDArray[np.int64]]


@dataclass(frozen=True)
class Numbers:
    """The different numbers of a column, as floats."""

    facts: Facts

    @cached_property
    def _all(self) -> _Sorted:
        """In order, each with the number of its rows."""
        different, counts = self.facts.column.counts
        numbers = pc.cast(different, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        order = np.argsort(numbers)
        return numbers[order], counts[order]

    @cached_property
    def _usual(self) -> _Sorted:
        """Those that are left without up to a fiftieth of the rows at each end."""
        numbers, counts = self._all
        until = np.cumsum(counts)
        end = until[-1] * _END
        kept = (until > end) & (until[-1] - until + counts > end)
        return (numbers[kept], counts[kept]) if kept.any() else self._all

    @property
    def ordered(self) -> NDArray[np.float64]:
        """The different numbers, the least first, without the far ends."""
        return self._usual[0]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each of them occurs."""
        return self._usual[1]

    @property
    def low(self) -> float:
        """The least of them."""
        return float(self.ordered[0])

    @property
    def high(self) -> float:
        """The greatest of them."""
        return float(self.ordered[-1])

    @cached_property
    def whole(self) -> bool:
        """Whether nearly no number has a fraction, and the type could store one."""
        if pa.types.is_floating(self.facts.column.values.type) and self.high > _LAST_FRACTION:
            return False
        return self.share(self.ordered == np.floor(self.ordered)) >= NEARLY_ALL

    @cached_property
    def share_above(self) -> float:
        """The share of the values in the upper tenth of their span."""
        return self.share(self.ordered > self.high - (self.high - self.low) * _TENTH)

    @cached_property
    def decays(self) -> bool:
        """Whether the least number is the most frequent, and greater ones are ever rarer."""
        return bool(np.all(np.diff(self.counts) <= 0))

    @cached_property
    def thins_out(self) -> bool:
        """Whether neighbouring numbers get rarer to both ends, as on a scale."""
        ends = max(self.counts[0], self.counts[-1])
        steps = np.diff(self.ordered)
        return (
            len(steps) >= _SCALE
            and bool(np.all(steps == steps[0]))
            and bool(ends <= self.counts.max() / _THIN)
        )

    @property
    def greatest(self) -> float:
        """The greatest of all numbers."""
        return float(self._all[0][-1])

    def within(self, low: float, high: float) -> bool:
        """Return whether the numbers lie between two bounds, the far ends apart."""
        return low <= self.low and self.high <= high

    def all_within(self, low: float, high: float) -> bool:
        """Return whether each number lies between two bounds."""
        return bool(low <= self._all[0][0] and self._all[0][-1] <= high)

    def share(self, which: NDArray[np.bool_]) -> float:
        """Return the share of the values that are one of some of `ordered`."""
        return float(self.counts[which].sum() / self.counts.sum())
