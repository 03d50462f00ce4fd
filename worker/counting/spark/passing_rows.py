"""How many rows pass checks where Spark has them: DQX's own functions, in one aggregation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from databricks.labs.dqx import check_funcs
from pyspark.sql import functions as F  # noqa: N812

from worker.counting.check import Check, Passed
from worker.counting.spark.drawn_again import AGAIN, MARK, column_of

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

__all__ = ["Tried", "count_passing"]

# A dot makes it no column's name that is profiled.
_GROUP = "which. rows"
_LOOKED_AT, _OTHERS, _AGAIN = range(3)


@dataclass(frozen=True, slots=True)
class Tried:
    """How many rows pass each of the checks."""

    looked_at: list[Passed]
    others: list[Passed]
    again: tuple[int, int]
    """The number of rows that were drawn once more, and the mark of all of them."""


def count_passing(
    looked_at: "DataFrame", others: "DataFrame | None", checks: Sequence[Check]
) -> Tried:
    """Count the rows of both frames that pass each of the checks. Raises Spark's errors.

    The checks are of functions that look at a row by itself, and have no filter. The others may
    have rows with the flag `AGAIN` among them, and a mark.
    """
    frame = looked_at.withColumn(_GROUP, F.lit(_LOOKED_AT)).withColumn(MARK, F.lit(0))
    if others is not None:
        frame = frame.unionByName(_grouped(others))
    passed = [F.count(F.when(_message(check).isNull(), 1)) for check in checks]
    group, mark = column_of(_GROUP), F.bit_xor(column_of(MARK))
    found = {
        row[0]: row[1:]
        for row in frame.groupBy(group).agg(F.count(F.lit(1)), mark, *passed).collect()
    }
    nothing = (0, 0, *[0] * len(checks))
    counts = [found.get(one, nothing) for one in (_LOOKED_AT, _OTHERS, _AGAIN)]
    by_group = [[Passed(rows, one) for one in each] for rows, _, *each in counts]
    return Tried(by_group[_LOOKED_AT], by_group[_OTHERS], counts[_AGAIN][:2])


def _grouped(others: "DataFrame") -> "DataFrame":
    if AGAIN not in others.columns:
        return others.withColumn(_GROUP, F.lit(_OTHERS)).withColumn(MARK, F.lit(0))
    group = F.when(column_of(AGAIN), _AGAIN).otherwise(_OTHERS)
    return others.withColumn(_GROUP, group).drop(AGAIN)


def _message(check: Check) -> "Column":
    """Return what DQX says of a row that fails, NULL of one that passes."""
    function: Any = getattr(check_funcs, check.function)
    message: Column = function(**check.arguments)
    return message
