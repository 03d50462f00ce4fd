"""Gathers the suggestions that wait for a decision in the one run whose suggestions people see.

The backend offers those of a contract's newest run alone, whatever became of that run.
"""

from worker.database.driver_errors import translated
from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseUnavailable,
    RowVanished,
)
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["gather_waiting"]

log = get_logger(__name__)

_LOCK_CONTRACT = load_sql(__package__, "lock_contract")
_MOVE_WAITING = load_sql(__package__, "move_waiting")
_SAVEPOINT, _ROLLBACK = "SAVEPOINT waiting", "ROLLBACK TO SAVEPOINT waiting"

_PASSING = (DatabaseConflict, DatabaseUnavailable, RowVanished)


async def gather_waiting(transaction: Connection, run_id: str) -> None:
    """Move what waits of the contract's earlier runs to run `run_id`, which has ended just now.

    If a worker has ended a newer run already, all that waits moves there, the run's own included.
    Ids and all other columns stay. Ends of one contract's runs come one after another, so that
    each sees what the one before has moved.

    A backend whose table takes no such row, because of a trigger or a generated column, keeps what
    waits where it is: that is logged, and the run ends all the same.
    """
    await transaction.execute(_LOCK_CONTRACT, run_id)
    await transaction.execute(_SAVEPOINT)
    try:
        with translated("Suggestions that wait could not be moved"):
            await transaction.execute(_MOVE_WAITING, run_id)
    except _PASSING:
        raise
    except DatabaseError as error:
        await transaction.execute(_ROLLBACK)
        log.warning(Event.SUGGESTIONS_NOT_MOVED, run=run_id, error=str(error))
