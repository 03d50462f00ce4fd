"""What can go wrong with Postgres, by what the caller does about it."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

__all__ = [
    "DatabaseConflict",
    "DatabaseError",
    "DatabaseRefused",
    "DatabaseUnavailable",
    "RowVanished",
    "SchemaVersionError",
    "translated",
]


class DatabaseError(Exception):
    """Postgres answered that a statement is wrong: a defect, or a schema that differs."""


class DatabaseUnavailable(DatabaseError):
    """Postgres can't be reached or can't answer now: wait and try again."""


class DatabaseConflict(DatabaseError):
    """Another transaction was in the way: give way, then run the transaction again."""


class DatabaseRefused(DatabaseError):
    """The set-up is wrong: no login, no such database, no permission."""


class RowVanished(DatabaseError):
    """A row that a new one refers to was deleted meanwhile."""


class SchemaVersionError(DatabaseError):
    """The worker's own schema is missing, older or newer than this worker can use."""


_UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,
    OSError,
    TimeoutError,
)
_CONFLICT = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what asyncpg raises into the errors above; `doing` says what failed.

    A TimeoutError that says nothing becomes one that says which deadline passed.
    """
    try:
        yield
    except _CONFLICT as error:
        raise DatabaseConflict(f"{doing}: {_text(error)}") from error
    except _UNAVAILABLE as error:
        raise DatabaseUnavailable(f"{doing}: {_text(error)}") from error
    except _REFUSED as error:
        raise DatabaseRefused(f"{doing}: {_text(error)}") from error
    except asyncpg.ForeignKeyViolationError as error:
        raise RowVanished(f"{doing}: {_text(error)}") from error
    except asyncpg.PostgresError as error:
        raise DatabaseError(f"{doing}: {_text(error)}") from error


def _text(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer before the deadline"
    return str(error) or type(error).__name__
