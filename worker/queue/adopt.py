"""A run that is running and nobody's: an operator says that whoever had it is gone."""

from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.queue import errors
from worker.queue.options import QueueOptions
from worker.queue.requests import read_run
from worker.queue.rescue import Rescued, rescue_run
from worker.queue.tables import Tables

__all__ = ["NobodysRun", "adopt", "nobodys_runs"]

_ADOPT = load_sql(__package__, "adopt")
_NOBODYS = load_sql(__package__, "nobodys_runs")
_AT_MOST = 100

NobodysRun = tuple[str, str | None]
"""A run's id, and the id of the job run that it is said to belong to."""


async def nobodys_runs(database: Database) -> list[NobodysRun]:
    """Return runs that are running without a lease, the oldest first, at most a hundred."""
    async with database.connection() as connection:
        rows = await connection.fetch(_NOBODYS, _AT_MOST)
    return [(row["id"], row["job"]) for row in rows]


async def adopt(
    database: Database, options: QueueOptions, tables: Tables, run_id: str, words: str
) -> Rescued:
    """Give the run a lease that has expired, rescue it, and return what became of it.

    `words` say who wants that, as the attempt's reason.
    Raises `RunUnclaimable` where it is not running, or somebody has a lease on it.
    """

    async def take(transaction: Connection) -> Rescued | None:
        if await transaction.fetchval(_ADOPT, run_id, options.worker) is None:
            return None
        return await rescue_run(transaction, run_id, options, tables, adopted=words)

    rescued = await database.run(take)
    if rescued is None:
        run = await read_run(database, run_id)
        if run is None:
            raise errors.no_such_run(run_id)
        raise errors.not_adoptable(run_id, run["status"], run["holder"])
    return rescued
