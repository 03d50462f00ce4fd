"""What is in effect of what a connection asks for at its start: search_path and deadlines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from worker.database.connect import search_path
from worker.database.errors import DatabaseRefused
from worker.database.options import DatabaseOptions
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.process import errors

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
    astray: Sequence[Mapping[str, Any]]

    @property
    def asked(self) -> str:
        """The search_path that was asked for."""
        return search_path(self.options.own_schema, self.options.backend_schema)

    @property
    def as_asked(self) -> bool:
        """Whether the search_path is the one that was asked for."""
        return _folded(self.search_path) == _folded(self.asked)

    @property
    def misled(self) -> DatabaseRefused | None:
        """Where the search_path does not lead to the worker's tables and the backend's."""
        if not self.astray:
            return None
        if not self.as_asked:
            return errors.search_path_lost(self.search_path or "empty", self.asked)
        gone = [row["relation"] for row in self.astray if row["found_in"] is None]
        if gone:
            return errors.own_tables_gone(self.options.own_schema, ", ".join(gone))
        first = self.astray[0]
        return errors.shadowed(first["relation"], first["found_in"], first["wanted_in"])

    @property
    def lost(self) -> list[str]:
        """The parameters that are not as they were asked for, as they are."""
        wanted = (
            self.options.statement_timeout,
            self.options.lock_timeout,
            self.options.idle_in_transaction_timeout,
        )
        path = [] if self.as_asked else [f"search_path (it is {self.search_path})"]
        return path + [
            f"{name} (it is {self.deadlines[name]} ms)"
            for name, duration in zip(_DEADLINES, wanted, strict=True)
            if self.deadlines[name] != int(duration / timedelta(milliseconds=1))
        ]


async def see_session(
    connection: Connection, options: DatabaseOptions, *, own_tables: bool
) -> Session:
    """Return the state of the connection; the worker's own tables are looked for if asked."""
    rows = await connection.fetch(_SESSION, options.own_schema, options.backend_schema, own_tables)
    return Session(
        options,
        search_path=rows[0]["search_path"],
        deadlines={name: rows[0][name] for name in _DEADLINES},
        read_only=rows[0]["read_only"],
        process=rows[0]["process"],
        astray=[dict(row) for row in rows if row["relation"] is not None],
    )


def _folded(path: str) -> str:
    return path.replace('"', "").replace(" ", "")
