"""Which of Spark's errors have to do with the way to the data, and which with the data itself."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path

import pytest
from databricks.sdk.errors import NotFound, TemporarilyUnavailable, TooManyRequests
from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark.errors import (
    PySparkAssertionError,
    PySparkException,
    PySparkRuntimeError,
    PySparkValueError,
)

from worker.spark.error_conditions import (
    answered,
    blames_the_data,
    column_reason,
    session_gone,
    table_error,
)
from worker.tables.errors import TableError, TableUnavailable
from worker.tables.table_types import CatalogTable, FileFormat, FileTable

TABLE = CatalogTable(("main", "shop", "orders"))


class Status(Enum):
    """The names of gRPC's own: the engine `local` does without that package."""

    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    UNAVAILABLE = 14


class Rpc(Exception):
    """As gRPC's errors are: the code is a method."""

    def __init__(self, code: Status) -> None:
        super().__init__(code)
        self._code = code

    def code(self) -> Status:
        return self._code


class Connect(PySparkException):
    """As those of Spark Connect are: with a condition, or with the status of gRPC."""

    def __init__(self, condition: str | None = None, code: Status = Status.UNKNOWN) -> None:
        super().__init__("reported", errorClass=None, messageParameters=None)
        self._condition, self._code = condition, code

    def getCondition(self) -> str | None:  # noqa: N802
        return self._condition

    def getGrpcStatusCode(self) -> Status:  # noqa: N802
        return self._code


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        ConnectionResetError(),
        TimeoutError(),
        Py4JNetworkError("Answer from Java side is empty"),
        Connect("INVALID_HANDLE.SESSION_CLOSED"),
        Connect("INVALID_HANDLE.SESSION_NOT_FOUND"),
        Connect("SESSION_CLOSED"),
        Connect(code=Status.UNAVAILABLE),
        Connect(code=Status.RESOURCE_EXHAUSTED),
        Rpc(Status.DEADLINE_EXCEEDED),
        TooManyRequests("slow down"),
        TemporarilyUnavailable("later"),
    ],
    ids=repr,
)
def test_what_may_pass_is_worth_another_try(error: Exception) -> None:
    reported = table_error(TABLE, error)
    assert isinstance(reported, TableUnavailable)
    assert str(reported).startswith("table main.shop.orders can't be read now: ")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Connect("TABLE_OR_VIEW_NOT_FOUND"),
        lambda: Connect("UNRESOLVED_COLUMN.WITH_SUGGESTION"),
        lambda: PySparkValueError("reported"),
        lambda: Py4JError("what a bridge says of a wrong call"),
        lambda: Connect("CONNECT_URL_NOT_SET"),
        lambda: Connect(code=Status.INVALID_ARGUMENT),
        lambda: Rpc(Status.PERMISSION_DENIED),
        lambda: NotFound("no such warehouse"),
        ZeroDivisionError,
        FileNotFoundError,
    ],
)
def test_what_can_not_pass_fails_its_table(make: Callable[[], Exception]) -> None:
    assert isinstance(table_error(TABLE, make()), TableError)


@pytest.mark.parametrize(
    "reported", ["FAILED_READ_FILE.NO_HINT", "CANNOT_READ_FILE_FOOTER", "UNABLE_TO_INFER_SCHEMA"]
)
def test_what_can_not_be_read_because_it_vanished_was_not_found(
    tmp_path: Path, reported: str
) -> None:
    file = FileTable(tmp_path / "orders.csv", FileFormat.CSV)
    assert str(table_error(file, Connect(reported))) == f"file {file} was not found"
    assert str(table_error(file, FileNotFoundError("gone"))) == f"file {file} was not found"
    file.path.touch()
    assert str(table_error(file, Connect(reported))).endswith("it is damaged or of another format")


@pytest.mark.parametrize(
    "error",
    [
        Connect("INVALID_HANDLE.SESSION_CHANGED"),
        Connect("NO_ACTIVE_SESSION"),
        PySparkAssertionError(
            "Received incorrect server side session identifier for request.",
            errorClass=None,
            messageParameters=None,
        ),
        PySparkRuntimeError(
            errorClass="RESPONSE_ALREADY_RECEIVED",
            messageParameters={"error_type": "INVALID_HANDLE.SESSION_NOT_FOUND"},
        ),
        ValueError("Cannot invoke RPC on closed channel!"),
    ],
    ids=repr,
)
def test_a_session_that_is_gone_is_reported_by_its_error_and_is_no_columns_fault(
    error: Exception,
) -> None:
    assert session_gone(error)
    assert not answered(error)
    assert isinstance(table_error(TABLE, error), TableUnavailable)
    assert column_reason(error) is None


def test_who_interrupts_or_throttles_leaves_the_session_there() -> None:
    for error in (Connect("OPERATION_CANCELED"), Connect(code=Status.RESOURCE_EXHAUSTED)):
        assert answered(error)
        assert column_reason(error) is None
    assert not answered(Connect(code=Status.UNAVAILABLE))


def test_what_pyspark_makes_of_any_error_blames_no_data() -> None:
    """Of a JVM that dies while a schema is read, too: the session is asked then."""
    error = PySparkValueError(
        errorClass="CANNOT_PARSE_DATATYPE", messageParameters={"msg": "the JVM is gone"}
    )
    assert not blames_the_data(error)
