"""Spark's errors in words; none of them repeats Spark's own text, which may hold cells' values."""

from worker.profiling import errors
from worker.profiling.errors import TableError
from worker.profiling.table import CatalogTable, Table

__all__ = ["column_reason", "table_error"]

_NOT_FOUND = frozenset(
    {
        "TABLE_OR_VIEW_NOT_FOUND",
        "CATALOG_NOT_FOUND",
        "SCHEMA_NOT_FOUND",
        "REQUIRES_SINGLE_PART_NAMESPACE",
        "PATH_NOT_FOUND",
    }
)
_VANISHED = "FAILED_READ_FILE.FILE_NOT_EXIST"
_UNREADABLE = ("FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER", "UNABLE_TO_INFER_SCHEMA")


def table_error(table: Table, error: Exception) -> TableError:
    """Return what to tell of `error`, which reading `table` raised."""
    kind = "table" if isinstance(table, CatalogTable) else "file"
    condition = _condition(error)
    if condition.split(".")[0] in _NOT_FOUND or condition == _VANISHED:
        return errors.not_found(kind, str(table))
    if condition.startswith(_UNREADABLE):
        return errors.unreadable(kind, str(table))
    return errors.spark_reports(kind, str(table), condition)


def column_reason(error: Exception) -> str | None:
    """Return why DQX could not profile a column; None where the column is not at fault.

    An error of Java's without a Spark condition is one of the engine: a lost executor, a full
    disk, a connection that broke.
    """
    from py4j.protocol import Py4JError

    if isinstance(error, Py4JError) and _java_condition(error) is None:
        return None
    return errors.dqx_failed(_condition(error))


def _condition(error: Exception) -> str:
    """Return Spark's name for the condition, else the name of the innermost known class."""
    from py4j.protocol import Py4JError, Py4JJavaError
    from pyspark.errors import PySparkException

    name = type(error).__name__
    if isinstance(error, PySparkException):
        return error.getCondition() or name
    if isinstance(error, Py4JJavaError):
        name = str(error.java_exception.getClass().getSimpleName())
    return (isinstance(error, Py4JError) and _java_condition(error)) or name


def _java_condition(error: Exception) -> str | None:
    """Return the condition of the Java exception behind `error`, if it has one."""
    from py4j.protocol import Py4JError, Py4JJavaError

    if not isinstance(error, Py4JJavaError):
        return None
    try:
        condition = error.java_exception.getCondition()
    # Only Spark's own exceptions have conditions.
    except Py4JError:
        return None
    return str(condition) if condition else None
