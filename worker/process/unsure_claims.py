"""Claims whose answer got lost: the database may hold leases that this worker does not know."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

import anyio

from worker.database.errors import DatabaseConflict, DatabaseError, StatementTooSlow
from worker.database.pool import Database
from worker.process import errors
from worker.queue.claim import unknown_leases
from worker.queue.finish_lease import give_back
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.queue.options import QueueOptions
from worker.queue.run_progress import RunProgress
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["UnsureClaims"]

log = get_logger(__name__)


class UnsureClaims:
    """Remembers that a claim was not answered, until the database has shown what it took.

    The server may still be at it when its answer is given up: as long as it may, at most for a
    statement's deadline, one look more is due.
    """

    def __init__(self, database: Database, options: QueueOptions, tables: RunProgress) -> None:
        self._database = database
        self._options = options
        self._tables = tables
        self._lost_at: float | None = None
        self._known: set[UUID] = set()
        self.unanswered = False
        """Whether no look has succeeded since: nothing is claimed meanwhile."""

    @property
    def any(self) -> bool:
        """Whether a claim may have taken what this worker does not know."""
        return self._lost_at is not None

    @property
    def patience(self) -> float:
        """Seconds for which a claim may go on that was given up."""
        return self._database.options.statement_timeout.total_seconds()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take note if the claim inside the block is not answered."""
        try:
            yield
        except (DatabaseConflict, StatementTooSlow):
            # The server answered: it took nothing.
            raise
        except BaseException:
            self._lost_at = anyio.current_time()
            self.unanswered = True
            raise

    async def leases(self, known: Collection[UUID]) -> list[Lease]:
        """Return the leases in this worker's name that are not `known`, and never were."""
        asked_at = anyio.current_time()
        self._known.update(known)
        found = await unknown_leases(self._database, self._options, self._known)
        self._known.update(lease.token for lease in found)
        self.unanswered = False
        if self._lost_at is not None and asked_at - self._lost_at > self.patience:
            self._lost_at = None
            self._known.clear()
        return found

    async def give_back(self, lease: Lease) -> bool:
        """Make the run a request again, without a try used; False if its attempt has to end it."""
        reason = errors.answer_lost()
        try:
            await give_back(lease, self._tables, reason)
        except (RunOverruled, RunCancelled):
            return False
        except LeaseLost:
            return True
        except DatabaseError as error:
            log.error(Event.RUN_ABANDONED, **lease.log_fields, error=str(error))
            return True
        log.info(Event.RUN_GIVEN_BACK, **lease.log_fields, reason=reason)
        return True
