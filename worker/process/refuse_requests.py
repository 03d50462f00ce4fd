"""Ends the requests that can't be leased, now and then: no claim ever takes them."""

from collections.abc import Sequence

import anyio

from worker.database.errors import DatabaseConflict, DatabaseError, DatabaseUnavailable
from worker.database.pool import Database
from worker.metrics.instruments import RUNS
from worker.metrics.labels import Reason
from worker.progress.completed_or_failed import refusal
from worker.queue import errors
from worker.queue.claimed_run import LONGEST_ID
from worker.queue.fallback_run_end import first_accepted, write_end
from worker.queue.options import QueueOptions
from worker.queue.refuse_long_ids import refuse_unleasable
from worker.queue.run_result import RunResult
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.telemetry.run_fields import RunFields

__all__ = ["Refusals"]

log = get_logger(__name__)

# Seconds between two looks, which go through everything that waits.
_INTERVAL = 10.0


class Refusals:
    """Looks for such requests, at first at once."""

    def __init__(self, database: Database, options: QueueOptions) -> None:
        self._database = database
        self._options = options
        self._due = 0.0

    async def look(self) -> None:
        """End what can't be leased, unless the last look was a moment ago."""
        if (now := anyio.current_time()) < self._due:
            return
        self._due = now + _INTERVAL
        refused: list[RunFields] = []

        async def refuse(ends: Sequence[RunResult]) -> RunResult:
            end, runs = await first_accepted(
                lambda one: refuse_unleasable(self._database, self._options, one), ends
            )
            refused.extend(runs)
            return end

        try:
            run_result = await write_end(refuse, refusal(errors.id_too_long(LONGEST_ID)))
        except (DatabaseUnavailable, DatabaseConflict):
            self._due = now
            raise
        except DatabaseError as error:
            # A trigger of the backend, or a missing right: nothing else waits for it.
            log.warning(Event.REQUEST_NOT_REFUSED, error=str(error))
            return
        RUNS.labels(run_result.status, Reason.REQUEST).inc(len(refused))
        for fields in refused:
            log.warning(Event.RUN_FAILED, **fields, error=run_result.error_message)
