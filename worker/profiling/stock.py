"""Stock DQX: its own profiler over a sample, column by column where it raises."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profiler import DQProfiler
from pyspark.sql.types import StructField

from worker.profiling.engines.session import SessionKind
from worker.profiling.fast import Statistics
from worker.profiling.spark_errors import column_reason, condition
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Profiled", "profile_frame"]

log = get_logger(__name__)

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
        return _profile_columns(profiler, kept, frame.schema.fields, options, stopped)


@contextmanager
def _kept(kind: SessionKind, frame: "DataFrame", *, keep: bool = True) -> Iterator["DataFrame"]:
    """Have Spark keep the rows, where it can, while the block runs: DQX asks for them often."""
    kept = _kept_apart(frame)
    if keep and _keepable(frame):
        kept = kind.keep(kept)
    try:
        yield kept
    finally:
        try:
            kind.release(kept)
        # Whatever a lost session raises: there is nothing to release in it.
        except Exception as error:  # noqa: BLE001
            log.warning(Event.SAMPLE_NOT_RELEASED, error=condition(error))


def _keepable(frame: "DataFrame") -> bool:
    """Tell whether Spark knows how to keep every type: it does not with those of geography."""
    kinds = frame.schema.simpleString()
    return "geometry(" not in kinds and "geography(" not in kinds


def _kept_apart(frame: "DataFrame") -> "DataFrame":
    """Return the same rows under a plan that no other frame has.

    Spark keeps rows by their plan: two runs that sample one table would share what is kept, and
    the first to release it would take it from under the other.
    """
    from pyspark.sql import functions

    return frame.where(functions.lit(str(uuid4())).isNotNull())


def _profile_columns(
    profiler: DQProfiler,
    frame: "DataFrame",
    fields: Sequence[StructField],
    options: dict[str, Any],
    stopped: threading.Event,
) -> Profiled:
    """Profile all columns at once; where that raises, each on its own."""
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
