"""Dates and times: those that move on with the loads, and those that do not."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.facts import ENOUGH, Facts, follows_rows
from worker.kinds.names import BIRTHS, EVENTS

__all__ = ["describe_dates"]

_SECONDS_OF_YEAR = 365.25 * 86_400
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_LONG_AGO = 45.0
"""Years. Few tables of events are as old; people and companies are."""
_END = 0.1
_MANY_AT_THE_END = 0.04
"""Of the values, in the last tenth of the time; if spread evenly, a tenth would be there."""


def describe_dates(facts: Facts) -> Described:
    """Return whether the dates or times of a column move on with the loads."""
    born = facts.name.hint(BIRTHS)
    if born:
        return Described(ColumnKind.DATE, facts.named(born))
    if facts.distinct == 1:
        return Described(ColumnKind.MOVING_DATE, "all rows have one date, as those of one load")
    present = facts.column.present
    if follows_rows(pc.cast(present, _whole(present.type))):
        return Described(ColumnKind.MOVING_DATE, "the dates follow the order of the rows")
    years = _years(facts)
    span, late = _span_and_late_share(years)
    event = facts.name.hint(EVENTS)
    if span > _LONG_AGO:
        return Described(ColumnKind.DATE, f"the dates span {span:.0f} years")
    if facts.values < ENOUGH or late >= _MANY_AT_THE_END:
        return Described(
            ColumnKind.MOVING_DATE,
            f"{late:.0%} of the values lie in the last tenth of the time that they span",
        )
    if event:
        return Described(ColumnKind.MOVING_DATE, facts.named(event))
    return Described(
        ColumnKind.DATE, f"only {late:.1%} of the values lie in the last tenth of their time"
    )


def _years(facts: Facts) -> NDArray[np.float64]:
    """Return the values in years since 1970, in order, without the far ends that stand for none."""
    present = facts.column.present
    numbers = pc.cast(pc.cast(present, _whole(present.type)), pa.float64(), safe=False)
    if pa.types.is_timestamp(present.type):
        seconds = numbers.to_numpy(zero_copy_only=False) / _PER_SECOND[present.type.unit]
    elif pa.types.is_date64(present.type):
        seconds = numbers.to_numpy(zero_copy_only=False) / 1_000
    else:
        seconds = numbers.to_numpy(zero_copy_only=False) * 86_400.0
    years: NDArray[np.float64] = np.sort(seconds / _SECONDS_OF_YEAR)
    cut = len(years) // 100
    return years[cut : len(years) - cut]


def _span_and_late_share(years: NDArray[np.float64]) -> tuple[float, float]:
    span = float(years[-1] - years[0])
    late = float(np.mean(years >= years[-1] - span * _END))
    return span, late


def _whole(kind: pa.DataType) -> pa.DataType:
    return pa.int32() if pa.types.is_date32(kind) else pa.int64()
