"""Where Postgres is and how long anything there may take."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

__all__ = ["DatabaseOptions", "TlsMode"]

TlsMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseOptions:
    """The options of the database room.

    `backend_schema` holds the backend's tables, `own_schema` the worker's.
    """

    host: str | None
    """None where the login says it."""
    port: int
    database: str
    ssl: TlsMode | None
    """libpq's mode; None for the default: `prefer`, with a token `verify-full`."""
    ca_file: str | None
    """The authorities that a server's certificate is checked against; None or `system`: those of
    the system."""
    token: bool
    """Whether the password is a token, which anyone who sees it may use."""
    backend_schema: str
    own_schema: str
    grant_to: tuple[str, ...] = ()
    """The backend's roles that may write options of a run and read its progress."""
    pool_size: int
    application_name: str
    connect_timeout: timedelta
    """Opening one connection, and waiting for a free one of the pool."""
    statement_timeout: timedelta
    """The server ends a statement after it. Shorter than half a lease, so that a worker
    that is frozen in a transaction does not hold its lease past rescue."""
    command_timeout: timedelta
    """The client's deadline for one operation, longer than the server's: past it, the server did
    not answer."""
    idle_in_transaction_timeout: timedelta
    connection_age: timedelta
    """Connections that are older are replaced when they are idle. Lakebase ends them after
    three days (docs.databricks.com, Lakebase, authentication)."""
    lock_timeout: timedelta
    """Below Postgres' deadlock_timeout (1 s): where the backend deletes a run or a contract
    meanwhile, the worker gives way before Postgres picks a victim."""
