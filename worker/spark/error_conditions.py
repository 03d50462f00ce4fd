"""Spark's errors in words; none of them repeats Spark's own text, which may hold cells' values."""

import re
from typing import Any

from worker.spark.errors import dqx_failed
from worker.tables import errors
from worker.tables.errors import TableError, TableUnavailable
from worker.tables.table_types import CatalogTable, FileTable, Table
from worker.telemetry.text import NAME_LIMIT, bounded

__all__ = [
    "answered",
    "blames_the_data",
    "column_reason",
    "condition",
    "session_gone",
    "session_replaced",
    "table_error",
]

_NOT_FOUND = frozenset(
    {
        "TABLE_OR_VIEW_NOT_FOUND",
        "CATALOG_NOT_FOUND",
        "SCHEMA_NOT_FOUND",
        "REQUIRES_SINGLE_PART_NAMESPACE",
        "PATH_NOT_FOUND",
        # This process and Java, of a file that vanishes before Spark reads it.
        "FileNotFoundError",
        "FileNotFoundException",
    }
)
_OF_ANYTHING = "CANNOT_PARSE_DATATYPE"
"""What pyspark makes of any error that it meets while it reads a schema, a lost JVM's as well."""
_MOST_CAUSES = 10
"""Of an exception."""
_VANISHED = "FAILED_READ_FILE.FILE_NOT_EXIST"
_UNREADABLE = ("FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER", "UNABLE_TO_INFER_SCHEMA")


_GONE_CONDITIONS = (
    # Spark Connect: the session was closed, replaced, or its server started anew.
    "INVALID_HANDLE.SESSION_",
    "SESSION_CLOSED",
    "SESSION_CHANGED",
    "SESSION_NOT_FOUND",
    "NO_ACTIVE_SESSION",
)
# What has no condition, or one that has other causes too: read, and never repeated.
_GONE_WORDS = (
    "incorrect server side session identifier",
    "INVALID_HANDLE.SESSION_",
    # gRPC, of a connection that another thread has closed.
    "closed channel",
    "Channel closed",
)
_PASSING_CONDITIONS = (
    *_GONE_CONDITIONS,
    "INVALID_HANDLE",
    # Somebody, not this worker, had the job cancelled; an executor or a stage was lost.
    "OPERATION_CANCELED",
    "SPARK_JOB_CANCELLED",
)
_PASSING_CLASSES = frozenset(
    {
        # The bridge to an embedded JVM.
        "Py4JNetworkError",
        # The network, in Python and in Java.
        "ConnectException",
        "SocketException",
        "SocketTimeoutException",
        "TimeoutException",
        "UnknownHostException",
        # Spark's own.
        "ExecutorLostFailure",
        "FetchFailedException",
        # databricks-sdk.
        "TooManyRequests",
        "TemporarilyUnavailable",
        "DeadlineExceeded",
        "OperationTimeout",
    }
)
_UNHANDLED = frozenset({"MatchError", "ArithmeticException", "UnsupportedOperationException"})
"""What Java raises for a type or a value that Spark has no case for."""
_PASSING_CODES = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED")


def table_error(table: Table, error: Exception) -> TableError | TableUnavailable:
    """Return the error to raise for `error`, which reading `table` raised."""
    kind = "table" if isinstance(table, CatalogTable) else "file"
    named = condition(error)
    if named.split(".")[0] in _NOT_FOUND or named == _VANISHED:
        return errors.not_found(kind, str(table))
    if named.startswith(_UNREADABLE):
        # Between its listing and its reading, what vanishes has Spark say something else.
        if isinstance(table, FileTable) and not table.path.exists():
            return errors.not_found(kind, str(table))
        return errors.unreadable(kind, _damaged_part(table, error) or str(table))
    if may_pass(error):
        return errors.may_pass(kind, str(table), named)
    return errors.spark_reports(kind, str(table), named)


def session_replaced(table: Table, error: Exception) -> TableUnavailable:
    """Return the error to raise for `error`, which the loss of the session caused."""
    kind = "table" if isinstance(table, CatalogTable) else "file"
    return errors.may_pass(kind, str(table), condition(error))


def may_pass(error: Exception) -> bool:
    """Return whether what `error` reports has to do with the way to the data, not with the data."""
    if isinstance(error, ConnectionError | TimeoutError):
        return True
    if not _PASSING_CLASSES.isdisjoint(kind.__name__ for kind in type(error).__mro__):
        return True
    named = condition(error)
    if named in _PASSING_CLASSES or named.startswith(_PASSING_CONDITIONS):
        return True
    return session_gone(error) or _status(error) in _PASSING_CODES


def session_gone(error: Exception) -> bool:
    """Return whether `error` itself says that the session is no more."""
    if condition(error).startswith(_GONE_CONDITIONS):
        return True
    # No error of the data: whose text may hold the same words.
    from pyspark.errors import PySparkAssertionError, PySparkRuntimeError

    named = isinstance(error, PySparkAssertionError | PySparkRuntimeError | ValueError)
    return named and any(words in str(error) for words in _GONE_WORDS)


def answered(error: Exception) -> bool:
    """Return whether a session that lives answered with `error`, for instance an overload."""
    if _status(error) == "RESOURCE_EXHAUSTED":
        return True
    return _named(error) and not session_gone(error)


def blames_the_data(error: Exception) -> bool:
    """Return whether Spark's name for `error` has nothing to do with the way to the data."""
    return _named(error) and not may_pass(error)


def _named(error: Exception) -> bool:
    """Return whether Spark has a condition for `error`."""
    from pyspark.errors import PySparkException

    unnamed = (type(error).__name__, _OF_ANYTHING)
    return isinstance(error, PySparkException) and condition(error) not in unnamed


def _status(error: Exception) -> str | None:
    """Return the status of an error of gRPC; Spark Connect keeps it where it has no condition."""
    for name in ("code", "getGrpcStatusCode"):
        status = getattr(error, name, None)
        if callable(status) and (named := getattr(status(), "name", None)) is not None:
            return str(named)
    return None


def column_reason(error: Exception) -> str | None:
    """Return why DQX could not profile a column; None if the column is not at fault.

    A Java error without a Spark condition is one of the engine: a lost executor, a full
    disk, a connection that broke. So is what may pass. The exception is what Java raises for a
    type or a value that Spark does not handle.
    """
    if may_pass(error):
        return None
    if _of_java(error) and _java_condition(error) is None:
        unhandled = _unhandled(_java_exception(error))
        return None if unhandled is None else dqx_failed(unhandled)
    return dqx_failed(condition(error))


def _unhandled(java: Any) -> str | None:
    """Return the name of what Java raised for a type or a value, if that is what ended a job."""
    for _ in range(_MOST_CAUSES):
        if java is None:
            return None
        if (name := str(java.getClass().getSimpleName())) in _UNHANDLED:
            return name
        java = java.getCause()
    return None


def condition(error: Exception) -> str:
    """Return Spark's name for what `error` reports, else the name of the innermost known class."""
    from pyspark.errors import PySparkException

    name = type(error).__name__
    if isinstance(error, PySparkException):
        # Before Spark 4 it has another name.
        named = getattr(error, "getCondition", None) or error.getErrorClass
        return named() or name
    if not _of_java(error):
        return name
    if (java := _java_exception(error)) is not None:
        name = str(java.getClass().getSimpleName())
    return _java_condition(error) or name


def _of_java(error: Exception) -> bool:
    """Return whether `error` came over the bridge to an embedded Spark's JVM."""
    try:
        from py4j.protocol import Py4JError
    # Remote sessions do without that bridge.
    except ImportError:
        return False
    return isinstance(error, Py4JError)


def _java_exception(error: Exception) -> Any:
    """Return the Java exception behind `error`, if it has one."""
    return getattr(error, "java_exception", None)


def _java_condition(error: Exception) -> str | None:
    """Return the condition of the Java exception behind `error`, or of the first cause with one."""
    java = _with_condition(error)
    return None if java is None else str(java.getCondition())


def _with_condition(error: Exception) -> Any:
    """Return the Java exception behind `error` that has a condition, or its first cause that has.

    What fetches rows wraps the exception that says why it failed.
    """
    from py4j.protocol import Py4JError

    java = _java_exception(error)
    for _ in range(_MOST_CAUSES):
        if java is None:
            return None
        try:
            if java.getCondition():
                return java
        # Only Spark's own exceptions have conditions.
        except Py4JError:
            pass
        java = java.getCause()
    return None


def _damaged_part(table: Table, error: Exception) -> str | None:
    """Return which file of several Spark could not read, if it says so."""
    if not isinstance(table, FileTable) or len(table.parts) == 1 or not _of_java(error):
        return None
    java = _with_condition(error)
    path = None if java is None else java.getMessageParameters().get("path")
    by_uri = {one.as_uri(): one for one in table.parts}
    # Java writes one slash where Python writes three.
    found = by_uri.get(re.sub(r"^file:/+", "file:///", str(path)))
    return None if found is None else bounded(str(found), NAME_LIMIT)
