"""What is in effect of what a connection asks for at its start: search_path and deadlines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from worker.database.errors import DatabaseRefused
from worker.database.open_connection import is_own_path, search_path
from worker.database.options import DatabaseOptions
from worker.database.pool import Connection
from worker.database.schema_errors import search_path_lost
from worker.database.sql import load_sql
from worker.preflight import errors

__all__ = ["Session", "see_session"]

_SESSION = load_sql(__package__, "session")
_DEADLINES = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


@dataclass(frozen=True, slots=True)
class Session:
    """The parameters of a connection, and the tables that its search_path does not lead to."""

    options: DatabaseOptions
    search_path: str
    deadlines: Mapping[str, int]
    """In milliseconds, by the names of Postgres' parameters."""
    read_only: bool
    """Whether the server takes no writes."""
    process: int
    """The number of the server process that answered."""
    gone: Sequence[str]
    """The worker's own tables that are not there."""

    @property
    def asked(self) -> str:
        """The search_path that was asked for."""
        return search_path(self.options)

    @property
    def misled(self) -> DatabaseRefused | None:
        """What is wrong if the search_path does not lead to the worker's own schema alone."""
        if is_own_path(self.search_path, self.options):
            return None
        return search_path_lost(self.search_path or "empty", self.asked)

    @property
    def incomplete(self) -> DatabaseRefused | None:
        """What is wrong if a table of the worker's own is not there."""
        if not self.gone:
            return None
        return errors.own_tables_gone(self.options.own_schema, ", ".join(self.gone))

    @property
    def lost(self) -> list[str]:
        """The deadlines that are not as they were asked for, as they are."""
        wanted = (
            self.options.statement_timeout,
            self.options.lock_timeout,
            self.options.idle_in_transaction_timeout,
        )
        return [
            f"{name} (it is {self.deadlines[name]} ms)"
            for name, duration in zip(_DEADLINES, wanted, strict=True)
            if self.deadlines[name] != int(duration / timedelta(milliseconds=1))
        ]


async def see_session(connection: Connection, options: DatabaseOptions) -> Session:
    """Return the state of the connection, and which tables of the worker's own are not there."""
    row = (await connection.fetch(_SESSION))[0]
    return Session(
        options,
        search_path=row["search_path"],
        deadlines={name: row[name] for name in _DEADLINES},
        read_only=row["read_only"],
        process=row["process"],
        gone=row["gone"],
    )
