"""Lets DQX decide by counts that were made at once: the builders are DQX's own."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profile_builder import validate_profile_options
from databricks.labs.dqx.profiler.profiler import DQProfiler

from worker.counting.counted_table import CountedTable
from worker.counting.precomputed_frame import PrecomputedFrame, UnknownCall

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["APPROXIMATE", "COUNT_NAN", "Decided", "Statistics", "decide"]

APPROXIMATE = "count_distinct_approximate"
"""True beside a distinct count of DQX's that Spark has estimated."""
COUNT_NAN = "count_nan"
"""The worker's own metric beside those of DQX, for columns that hold NaN."""

Statistics = dict[str, dict[str, Any]]


class Decided(NamedTuple):
    """What DQX decided by counts."""

    statistics: Statistics
    profiles: list[DQProfile]
    failed: dict[str, Exception]
    """What DQX raised, by top-level column."""
    left: dict[str, str]
    """Top-level columns of which a builder asks for what was not counted, and what that is."""


def decide(
    profiler: DQProfiler, table: CountedTable, options: dict[str, Any], check: Callable[[], None]
) -> Decided:
    """Return what `profiler.profile` returns of the table.

    `options` are all of the profiler's. `check` is called before each column and raises where the
    work is to end. Raises DQX's error if options contradict each other.
    """
    validate_profile_options(options)
    kinds = {name: parts[0][0].dataType for name, parts in table.columns.items() if len(parts) == 1}
    statistics: Statistics = {}
    for row in table.summary:
        profiler._process_row(dict(row), row["summary"] or "", statistics, kinds)  # noqa: SLF001
    profiles: list[DQProfile] = []
    failed: dict[str, Exception] = {}
    left = dict(table.left)
    if not table.rows:
        return Decided(statistics, profiles, failed, left)
    for name, parts in table.columns.items():
        check()
        found: list[DQProfile] = []
        try:
            for field, counts in parts:
                metrics = {**statistics.get(field.name, {}), **counts.counts}
                metrics["count"] = table.rows
                metrics["count_null"] = table.rows - metrics["count_non_null"]
                statistics[field.name] = metrics
                label = field.name.rpartition(".")[2]
                stand_in = cast("DataFrame", PrecomputedFrame(label, field.dataType, counts))
                profiler._build_profiles_for_column(  # noqa: SLF001
                    stand_in, field, metrics, options, found
                )
                if counts.approximate:
                    metrics[APPROXIMATE] = True
                if counts.nans:
                    # DQX counts them as NULL, and its checks do not.
                    metrics[COUNT_NAN] = counts.nans
        except UnknownCall as call:
            left[name] = str(call)
        # DQX raises what it meets: TypeError, ValueError, ArithmeticError. Its column is left out.
        except Exception as error:  # noqa: BLE001
            failed[name] = error
        else:
            profiles += found
            continue
        for field, _ in parts:
            statistics.pop(field.name, None)
    return Decided(statistics, profiles, failed, left)
