"""Where Postgres is and how long anything there may take."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["DatabaseOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseOptions:
    """The options of the database room.

    `backend_schema` holds the backend's tables, `own_schema` the worker's.
    """

    host: str
    port: int
    database: str
    ssl: str
    backend_schema: str
    own_schema: str
    pool_size: int
    application_name: str
    connect_timeout: timedelta
    """Opening one connection, and waiting for a free one of the pool."""
    statement_timeout: timedelta
    """The server ends a statement after it. Shorter than half a lease, so that a worker
    that is frozen in a transaction does not hold its lease past rescue."""
    idle_in_transaction_timeout: timedelta
    lock_timeout: timedelta
    """Below Postgres' deadlock_timeout (1 s): where the backend deletes a run or a contract
    meanwhile, the worker gives way before Postgres picks a victim."""

    @property
    def command_timeout(self) -> timedelta:
        """The client's deadline for one operation: past it, the server did not answer."""
        return self.statement_timeout + timedelta(seconds=2)
