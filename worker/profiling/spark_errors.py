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


def column_reason(error: Exception) -> str:
    """Return why DQX could not profile a column."""
    return f"DQX could not profile it: {_condition(error)}"


def _condition(error: Exception) -> str:
    """Return Spark's name for the condition, else the name of the innermost known class."""
    from py4j.protocol import Py4JError, Py4JJavaError
    from pyspark.errors import PySparkException

    if isinstance(error, PySparkException):
        return error.getCondition() or type(error).__name__
    if isinstance(error, Py4JJavaError):
        thrown = error.java_exception
        try:
            return str(thrown.getCondition())
        except Py4JError:
            return str(thrown.getClass().getSimpleName())
    return type(error).__name__
