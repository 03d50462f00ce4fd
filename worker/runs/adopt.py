"""A run that is running and held by no worker: an operator takes it over."""

from dataclasses import dataclass

from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue import errors as queue_errors
from worker.queue.options import QueueOptions
from worker.queue.rescue_run import Adopted, Rescued, rescue_run
from worker.queue.run_progress import RunProgress
from worker.runs import errors
from worker.runs.requests import read_run
from worker.telemetry.run_fields import RunFields, run_fields
from worker.telemetry.text import NAME_LIMIT

__all__ = ["UnheldRun", "adopt", "unheld_runs"]

_ADOPT = load_sql(__package__, "adopt")
_UNHELD = load_sql(__package__, "unheld_runs")
_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class UnheldRun:
    """A run that is running without a lease."""

    id: str
    job: str | None
    """The id of the job run that it is said to belong to."""
    contract_id: str
    triggered_by: str | None
    attempt: int | None
    """The number of the last attempt; None if there was none."""
    stuck: str | None = None
    """Why a worker could not write its end; None if that is not the reason."""

    @property
    def log_fields(self) -> RunFields:
        """What every log line about the run has."""
        return run_fields(self.id, self.contract_id, self.attempt, self.triggered_by)


async def unheld_runs(database: Database) -> list[UnheldRun]:
    """Return runs that are running without a lease, the oldest first, at most a hundred."""
    async with database.connection() as connection:
        rows = await connection.fetch(_UNHELD, _AT_MOST, NAME_LIMIT)
    return [UnheldRun(**row) for row in rows]


async def adopt(
    database: Database, options: QueueOptions, tables: RunProgress, run_id: str, words: str
) -> Rescued:
    """Take a lease on the run, rescue it at once, and return what became of it.

    `words` say who wants that, as the attempt's reason.
    Raises `RunUnclaimable` if it is not running, or a worker holds a lease on it.
    """
    async with database.transaction() as transaction:
        token = await transaction.fetchval(_ADOPT, run_id, options.worker, options.lease)
    rescued = None
    if token is not None:
        own = Adopted(token, words)
        rescued = await rescue_run(database, run_id, options, tables, adopted=own)
    if rescued is None:
        run = await read_run(database, run_id)
        if run is None:
            raise queue_errors.no_such_run(run_id)
        raise errors.not_adoptable(run_id, run["status"], run["holder"])
    return rescued
