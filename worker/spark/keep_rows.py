"""Has Spark keep drawn rows that are read more than once, so that each read finds the same rows."""

from typing import TYPE_CHECKING
from uuid import uuid4

from worker.spark.error_conditions import condition
from worker.spark.session_kind import SessionKind, is_remote
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Kept", "keep", "keep_apart", "keepable", "release"]

log = get_logger(__name__)


class Kept:
    """Rows that Spark keeps until they are released."""

    def __init__(self, kind: SessionKind, frame: "DataFrame") -> None:
        self.frame = kind.keep(keep_apart(frame))
        self._kind = kind

    def release(self) -> None:
        """Let Spark forget the rows. Never raises."""
        release(self._kind, self.frame)


def keep(kind: SessionKind, frame: "DataFrame") -> Kept | None:
    """Return the rows, which Spark keeps from their first use on; None if it cannot keep them."""
    if is_remote(frame.sparkSession) or not keepable(frame):
        return None
    return Kept(kind, frame)


def keepable(frame: "DataFrame") -> bool:
    """Return whether Spark knows how to keep every type: it does not with those of geography."""
    kinds = frame.schema.simpleString()
    return "geometry(" not in kinds and "geography(" not in kinds


def keep_apart(frame: "DataFrame") -> "DataFrame":
    """Return the same rows under a plan that no other frame has.

    Spark keeps rows by their plan: two runs that sample one table would share what is kept, and
    the first to release it would take it from under the other.
    """
    from pyspark.sql import functions

    return frame.where(functions.lit(str(uuid4())).isNotNull())


def release(kind: SessionKind, frame: "DataFrame") -> None:
    """Let Spark forget rows that it keeps. Never raises."""
    try:
        kind.release(frame)
    # Whatever a lost session raises: there is nothing to release in it.
    except Exception as error:  # noqa: BLE001
        log.warning(Event.SAMPLE_NOT_RELEASED, error=condition(error))
