"""Gathers the suggestions that wait for a decision in the one run whose suggestions people see.

The backend offers those of a contract's newest run alone, whatever became of that run.
"""

from worker.database.pool import Connection
from worker.database.sql import load_sql

__all__ = ["gather_waiting"]

_LOCK_CONTRACT = load_sql(__package__, "lock_contract")
_MOVE_WAITING = load_sql(__package__, "move_waiting")


async def gather_waiting(transaction: Connection, run_id: str) -> None:
    """Move what waits of the contract's earlier runs to run `run_id`, which has ended just now.

    If a worker has ended a newer run already, all that waits moves there, the run's own included.
    Ids and all other columns stay. Ends of one contract's runs come one after another, so that
    each sees what the one before has moved.
    """
    await transaction.execute(_LOCK_CONTRACT, run_id)
    await transaction.execute(_MOVE_WAITING, run_id)
