"""Turns the errors of asyncpg into the errors of this room."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import asyncpg

from worker.database.error_conditions import argument, condition, without_values
from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseRefused,
    DatabaseUnavailable,
    RowVanished,
    StatementFailing,
    StatementOutdated,
    StatementTooSlow,
    postgres_reports,
)
from worker.telemetry.cures import with_cures

__all__ = ["translated"]

_UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # A statement that meets the server's last words (asyncpg 0.32): "cannot switch to state".
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,
    # Its disk: reading, writing.
    asyncpg.PostgresSystemError,
    OSError,
    TimeoutError,
)
_CONFLICT = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    # The backend altered a table between two of our statements.
    asyncpg.InvalidCachedStatementError,
)
_OUTDATED = (
    asyncpg.DatatypeMismatchError,
    asyncpg.UndefinedFunctionError,
    asyncpg.CannotCoerceError,
)
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    # A host name that is none.
    UnicodeError,
    # A server that is not the one whose name it bears. An OSError, so this has to come first.
    ssl.SSLCertVerificationError,
)
_PASSING = (*_CONFLICT, *_REFUSED, *_UNAVAILABLE)
# The first that fits counts: one of a certificate is an OSError, too.
_KINDS: Mapping[type[DatabaseError], tuple[type[BaseException], ...]] = {
    DatabaseConflict: _CONFLICT,
    DatabaseRefused: _REFUSED,
    StatementTooSlow: (asyncpg.QueryCanceledError,),
    DatabaseUnavailable: _UNAVAILABLE,
    RowVanished: (asyncpg.ForeignKeyViolationError,),
    StatementOutdated: _OUTDATED,
}


@contextmanager
def translated(doing: str, *, otherwise: type[DatabaseError] = DatabaseError) -> Iterator[None]:
    """Turn what asyncpg raises into a `DatabaseError`; `doing` says what failed.

    Any other error of the server becomes `otherwise`. A TimeoutError without a message becomes one
    that says that the deadline passed. No message holds a value of a row.
    """
    try:
        yield
    except (*_PASSING, asyncpg.PostgresError, OverflowError) as error:
        raise _made(_kind(error, otherwise), doing, error) from error


def _kind(error: BaseException, otherwise: type[DatabaseError]) -> type[DatabaseError]:
    """Return what an error of the driver, the network or the server is to its caller."""
    found = next((kind for kind, errors in _KINDS.items() if isinstance(error, errors)), otherwise)
    if found is DatabaseUnavailable and _is_wrong_argument(error):
        return DatabaseError
    if issubclass(found, DatabaseUnavailable | DatabaseConflict | DatabaseRefused):
        return StatementFailing if _is_of_a_function(error) else found
    return found


def _is_of_a_function(error: BaseException) -> bool:
    """Return whether a function in a procedural language raised it: a trigger's may raise any.

    Not if the server ends the connection, whatever it is doing just then.
    """
    if not isinstance(error, asyncpg.PostgresError) or error.severity_en in ("FATAL", "PANIC"):
        return False
    return "PL/" in (error.context or "")


def _made(kind: type[DatabaseError], doing: str, error: BaseException) -> DatabaseError:
    text = _text(error)
    words = f"{doing}: {text}"
    if kind in (DatabaseError, RowVanished, StatementFailing, StatementOutdated):
        words = postgres_reports(doing, text)
    made = with_cures(kind(words), [words, doing])
    # It becomes the cause of the error that is made, and is shown with its traceback.
    without_values(error)
    return made


def _is_wrong_argument(error: BaseException) -> bool:
    """Return whether the driver can't send an argument of a statement, now or later."""
    return isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)


def _text(error: BaseException) -> str:
    # Leaving a transaction whose connection is gone raises another error, which hides why it went.
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error.__context__, _UNAVAILABLE):
        return _text(error.__context__)
    if isinstance(error, asyncpg.PostgresError):
        return condition(error)
    if _is_wrong_argument(error):
        return argument(error)
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer before the deadline"
    return str(error) or type(error).__name__
