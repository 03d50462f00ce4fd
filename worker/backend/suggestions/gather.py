"""Gathers pending suggestions in the one run whose suggestions people see.

The backend offers the suggestions of a contract's newest run only, however that run ended.
"""

from worker.database.errors import DatabaseError
from worker.database.pool import Connection
from worker.database.savepoint import savepoint
from worker.database.sql import load_sql
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["gather_waiting"]

log = get_logger(__name__)

_LOCK_CONTRACT = load_sql(__package__, "lock_contract")
_MOVE_WAITING = load_sql(__package__, "move_waiting")


async def gather_waiting(transaction: Connection, run_id: str) -> None:
    """Move pending suggestions of the contract's earlier runs to run `run_id`, which ends now.

    If a worker has already ended a newer run, they move there, those of the run itself included.
    Ids and all other columns stay. The ends of one contract's runs wait for each other, so that
    each sees what the one before has moved.

    Nothing keeps the run from ending: if a row is locked for long, or the backend's table refuses
    the move, the suggestions stay where they are, which is logged. The next run moves them.
    """
    await transaction.execute(_LOCK_CONTRACT, run_id)
    try:
        async with savepoint(transaction, "Pending suggestions could not be moved"):
            await transaction.execute(_MOVE_WAITING, run_id)
    except DatabaseError as error:
        log.warning(Event.SUGGESTIONS_NOT_MOVED, error=str(error))
