"""Whether a pooler lends server processes for single transactions, so that no session lasts."""

from worker.database.errors import DatabaseError, DatabaseRefused
from worker.database.pool import Connection, Database
from worker.preflight import errors
from worker.telemetry.cures import with_cures

__all__ = ["is_pooled", "refusal"]

_PROCESS = "SELECT pg_backend_pid()"
_ROUNDS = 3
# Of a login: a parameter at the start is not taken.
_LOGIN = ("08P01", "22023", "42704")
# Of a statement: another server process has prepared it, or an earlier session has left it behind.
_PREPARED = ("26000", "42P05")


async def is_pooled(connection: Connection, process: int, database: Database) -> bool:
    """Return whether transactions of a connection, last in `process`, meet several processes.

    Postgres gives a client the number of its process at the login, which clears a direct
    connection. A pooler gives numbers of its own; behind one, a second connection is opened. No two
    sessions have a process in common, and none changes it.
    """
    if process == connection.get_server_pid():
        return False
    async with database.dedicated(database.options.command_timeout) as other:
        for _ in range(_ROUNDS):
            if await other.fetchval(_PROCESS) == process:
                return True
            if await connection.fetchval(_PROCESS) != process:
                return True
    return False


def refusal(error: DatabaseError, *, entered: bool) -> DatabaseRefused | None:
    """Return what a login, or after it a statement, says of a pooler by how it fails."""
    code = getattr(error.__cause__, "sqlstate", None)
    if entered:
        return errors.pooled() if code in _PREPARED else None
    if code not in _LOGIN:
        return None
    words = errors.pooler_refuses()
    return with_cures(DatabaseRefused(f"{words}: {error}"), [words])
