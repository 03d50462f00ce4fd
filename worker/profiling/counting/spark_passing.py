"""How many rows pass checks where Spark has them: DQX's own functions, in one aggregation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from databricks.labs.dqx import check_funcs
from pyspark.sql import functions as F  # noqa: N812

from worker.profiling.check import Check
from worker.profiling.profile import Passed

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

__all__ = ["count_passing"]

_OTHER = "is one of. the others"
"""A dot makes it no column's name that is profiled."""


def count_passing(
    looked_at: "DataFrame", others: "DataFrame | None", checks: Sequence[Check]
) -> tuple[list[Passed], list[Passed] | None]:
    """Return how many rows of both frames pass each of the checks. Raises Spark's errors.

    The checks are of functions that look at a row by itself, and have no filter.
    """
    frame = looked_at.withColumn(_OTHER, F.lit(False))
    if others is not None:
        frame = frame.unionByName(others.withColumn(_OTHER, F.lit(True)))
    passed = [F.count(F.when(_message(check).isNull(), 1)) for check in checks]
    counted = frame.groupBy(F.col(f"`{_OTHER}`")).agg(F.count(F.lit(1)), *passed).collect()
    by_kind = {bool(row[0]): [Passed(row[1], one) for one in row[2:]] for row in counted}
    none = [Passed(0, 0)] * len(checks)
    return by_kind.get(False, none), None if others is None else by_kind.get(True, none)


def _message(check: Check) -> "Column":
    """Return what DQX says of a row that fails, NULL of one that passes."""
    function: Any = getattr(check_funcs, check.function)
    message: Column = function(**check.arguments)
    return message
