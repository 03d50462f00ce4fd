"""Which of the room's errors each error of the driver becomes: it decides what a caller does."""

import ssl
import traceback

import asyncpg
import pytest

from worker.database.driver_errors import translated
from worker.database.error_conditions import condition, without_values
from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseRefused,
    DatabaseUnavailable,
    RowVanished,
    StatementFailing,
    StatementTooSlow,
)
from worker.telemetry.text import NAME_LIMIT

VALUE = "s3cret"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (asyncpg.LockNotAvailableError("55P03"), DatabaseConflict),
        (asyncpg.DeadlockDetectedError("40P01"), DatabaseConflict),
        (asyncpg.SerializationError("40001"), DatabaseConflict),
        (asyncpg.InvalidCachedStatementError("0A000"), DatabaseConflict),
        (asyncpg.InvalidPasswordError("28P01"), DatabaseRefused),
        (asyncpg.InvalidCatalogNameError("3D000"), DatabaseRefused),
        (asyncpg.InsufficientPrivilegeError("42501"), DatabaseRefused),
        # A host name that is none, and a server that is another one.
        (UnicodeError("label empty"), DatabaseRefused),
        (ssl.SSLCertVerificationError("another name"), DatabaseRefused),
        (ssl.SSLError("no TLS"), DatabaseUnavailable),
        (asyncpg.ConnectionDoesNotExistError("08003"), DatabaseUnavailable),
        (asyncpg.InterfaceError("closed"), DatabaseUnavailable),
        (asyncpg.QueryCanceledError("57014"), StatementTooSlow),
        (asyncpg.exceptions._base.DataError("invalid input"), DatabaseError),
        (OverflowError("date value out of range"), DatabaseError),
        (asyncpg.InternalClientError("cannot switch to state"), DatabaseUnavailable),
        (asyncpg.AdminShutdownError("57P01"), DatabaseUnavailable),
        (asyncpg.CannotConnectNowError("57P03"), DatabaseUnavailable),
        (asyncpg.TooManyConnectionsError("53300"), DatabaseUnavailable),
        (asyncpg.ReadOnlySQLTransactionError("25006"), DatabaseUnavailable),
        (asyncpg.PostgresIOError("58030"), DatabaseUnavailable),
        (ConnectionResetError("reset"), DatabaseUnavailable),
        (TimeoutError(), DatabaseUnavailable),
        (asyncpg.ForeignKeyViolationError("23503"), RowVanished),
        (asyncpg.UniqueViolationError("23505"), DatabaseError),
        (asyncpg.UndefinedTableError("42P01"), DatabaseError),
    ],
)
def test_an_error_of_the_driver_is_one_to_decide_on(
    error: Exception, kind: type[DatabaseError]
) -> None:
    with pytest.raises(DatabaseError) as caught, translated("It failed"):
        raise error
    assert type(caught.value) is kind
    assert str(caught.value).startswith("It failed: ")


def test_an_error_that_a_function_raised_is_no_outage_unless_the_connection_ends() -> None:
    for severity, kind in (("ERROR", StatementFailing), ("FATAL", DatabaseUnavailable)):
        error = asyncpg.AdminShutdownError("57P01")
        error.context, error.severity_en = "PL/pgSQL function audit() line 3 at RAISE", severity
        with pytest.raises(DatabaseUnavailable) as caught, translated("It failed"):
            raise error
        assert type(caught.value) is kind


def test_what_ended_a_connection_is_reported_and_not_what_came_of_it() -> None:
    left = asyncpg.InterfaceError("cannot perform operation: connection is closed")
    left.__context__ = ConnectionResetError("reset by peer")
    with (
        pytest.raises(DatabaseUnavailable, match="It failed: reset by peer"),
        translated("It failed"),
    ):
        raise left


def test_an_argument_that_can_not_be_sent_is_named_without_its_value() -> None:
    wrong = asyncpg.exceptions._base.DataError(f"invalid input for query argument $2: {VALUE!r}")
    with (
        pytest.raises(DatabaseError, match=r"invalid input for query argument \$2") as caught,
        translated("It failed"),
    ):
        raise wrong
    assert VALUE not in "".join(traceback.format_exception(caught.value))


def test_no_error_behind_another_shows_a_value() -> None:
    outer, inner = ValueError("outer"), asyncpg.UniqueViolationError(f"Key ({VALUE}) exists")
    outer.__context__, inner.detail = inner, f"Key (id)=({VALUE}) exists"
    without_values(outer)
    assert VALUE not in "".join(traceback.format_exception(outer))
    assert VALUE not in f"{inner.detail}{inner.hint}"


def test_a_message_of_any_length_is_cut() -> None:
    reported = condition(asyncpg.UndefinedTableError("x" * 10_000))
    assert len(reported) == len("undefined_table: ") + NAME_LIMIT
