"""Stock DQX: its own profiler over a sample, column by column if it raises."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profiler import DQProfiler
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import DoubleType, FloatType, StructField

from worker.counting.spark.queries import Leaf
from worker.profiling.decide_by_counts import COUNT_NAN, Statistics
from worker.spark.error_conditions import column_reason
from worker.spark.keep_rows import keep_apart, keepable, release
from worker.spark.session_kind import SessionKind

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Profiled", "profile_frame"]

Profiled = tuple[Statistics, list[DQProfile], dict[str, str]]


def profile_frame(
    profiler: DQProfiler,
    kind: SessionKind,
    frame: "DataFrame",
    options: dict[str, Any],
    stopped: threading.Event,
    *,
    keep: bool = True,
    readable: bool = False,
) -> Profiled:
    """Return statistics, profiles, and the columns that DQX raises on with the reason.

    `keep` says whether the rows are few enough for Spark to keep them, `readable` whether other
    columns of them were read before: then an error is not the table's. Once `stopped` is set, the
    first error is the last: it is Spark's answer to an interruption.
    """
    with _kept(kind, frame, keep=keep) as kept:
        if not readable:
            # Drawn here, what can't be read is the table's fault; later it would be each column's.
            kept.count()
        found = _profile_columns(profiler, kept, frame.schema.fields, options, stopped)
        _add_nans(found[0], kept)
        return found


def _add_nans(statistics: Statistics, frame: "DataFrame") -> None:
    """Add to the statistics how many values are NaN, which DQX counts as NULL."""
    leaves = [
        Leaf(one, nested=one is not field, trim=False)
        for field in frame.schema.fields
        for one in DQProfiler.get_columns_or_fields([field])
        if isinstance(one.dataType, FloatType | DoubleType) and one.name in statistics
    ]
    if not leaves:
        return
    (counts,) = frame.agg(*(F.count_if(F.isnan(one.raw)) for one in leaves)).collect()
    for leaf, nans in zip(leaves, counts, strict=True):
        if nans:
            statistics[leaf.field.name][COUNT_NAN] = nans


@contextmanager
def _kept(kind: SessionKind, frame: "DataFrame", *, keep: bool = True) -> Iterator["DataFrame"]:
    """Have Spark keep the rows, if it can, while the block runs: DQX asks for them often."""
    kept = keep_apart(frame)
    if keep and keepable(frame):
        kept = kind.keep(kept)
    try:
        yield kept
    finally:
        release(kind, kept)


def _profile_columns(
    profiler: DQProfiler,
    frame: "DataFrame",
    fields: Sequence[StructField],
    options: dict[str, Any],
    stopped: threading.Event,
) -> Profiled:
    """Profile all columns at once; if that raises, each on its own."""
    if not fields:
        return {}, [], {}
    try:
        statistics, profiles = profiler.profile(
            frame, columns=[field.name for field in fields], options=options
        )
    # DQX raises what it meets: Spark's errors, TypeError, ValueError, ArithmeticError.
    except Exception as error:
        reason = column_reason(error)
        if stopped.is_set() or reason is None:
            raise
        if len(fields) == 1:
            return {}, [], {fields[0].name: reason}
        merged: Profiled = ({}, [], {})
        for field in fields:
            one = _profile_columns(profiler, frame, [field], options, stopped)
            merged[0].update(one[0])
            merged[1].extend(one[1])
            merged[2].update(one[2])
        return merged
    return statistics, profiles, {}
