"""Takes over the leases that have expired, one after the other: one that fails delays no other."""

from contextlib import suppress
from typing import Any

from worker.database.errors import DatabaseConflict, DatabaseError, DatabaseRefused
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue import errors
from worker.queue.fallback_run_end import in_ascii
from worker.queue.options import MOST_RESCUES, QueueOptions
from worker.queue.rescue_run import Rescued, close_stuck_lease, rescue_run
from worker.queue.run_progress import RunProgress
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.telemetry.run_fields import run_fields

__all__ = ["Rescued", "rescue"]

log = get_logger(__name__)

_EXPIRED = load_sql(__package__, "expired_leases")
_PUT_OFF = load_sql(__package__, "put_off_rescue")

_AT_ONCE = 100


async def rescue(database: Database, options: QueueOptions, tables: RunProgress) -> list[Rescued]:
    """Take over at most a hundred expired leases and return what became of their runs.

    A rescue that fails is put off, behind the others. Raises `DatabaseError` if not even that can
    be written: an outage.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(_EXPIRED, _AT_ONCE, options.lease)
    rescued = []
    for row in rows:
        try:
            one = await rescue_run(database, row["run_id"], options, tables)
        # Whatever it is: the other leases must not wait for it.
        except Exception as error:  # noqa: BLE001
            one = await _failed(database, options, tables, row, error)
        if one is not None:
            rescued.append(one)
    return rescued


async def _failed(
    database: Database, options: QueueOptions, tables: RunProgress, row: Any, error: Exception
) -> Rescued | None:
    """Put the lease off; after too many failures end its run, or report it as stuck."""
    locked = isinstance(error, DatabaseConflict)
    counts = not locked and not isinstance(error, DatabaseRefused)
    if counts and row["failed_rescues"] + 1 >= MOST_RESCUES:
        with suppress(DatabaseError):
            if (one := await _give_up(database, options, tables, row["run_id"], error)) is not None:
                return one
    pause = options.beat_interval if locked else options.rescue_pause
    async with database.connection() as connection:
        await connection.execute(_PUT_OFF, row["run_id"], row["token"], pause, counts)
    if not locked:
        defect = not isinstance(error, DatabaseError)
        cause = repr(error) if defect else str(error)
        # To read more of the run may be what fails.
        fields = run_fields(row["run_id"], attempt=row["attempt"])
        log.warning(Event.RESCUE_FAILED, **fields, error=cause, exc_info=defect)
    return None


async def _give_up(
    database: Database, options: QueueOptions, tables: RunProgress, run_id: str, error: Exception
) -> Rescued | None:
    """End the run as failed without looking at its tables; else close its lease alone."""
    cause = str(error) if isinstance(error, DatabaseError) else type(error).__name__
    reason = errors.rescue_failed(MOST_RESCUES, cause)
    try:
        return await rescue_run(database, run_id, options, tables, instead=reason)
    except DatabaseError:
        return await close_stuck_lease(database, run_id, options, tables, in_ascii(reason))
