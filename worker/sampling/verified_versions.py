"""Which versions, builders and types the counts of our own were compared with stock DQX on.

Stock DQX profiles a column of another type. Another version or builder is compared at the start:
see `comparison`. Without that, or if it shows a difference, stock DQX profiles every table.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from worker.sampling import stock_errors
from worker.sampling.comparison_result import NOT_COMPARED, Verdict, installed
from worker.sampling.dqx_registries import unverified_builder
from worker.sampling.options import ProfilerChoice
from worker.sampling.sample_facts import Counted, Counting

if TYPE_CHECKING:
    from pyspark.sql.types import DataType, StructField

__all__ = [
    "VERIFIED",
    "dqx_version",
    "support_for",
    "unverified",
    "unverified_columns",
]

VERIFIED = ("0.17.0",)
"""The versions of DQX that this worker was tried with, from its whole suite of tests down."""

_SPARK = "4.3."
"""How the version of Spark begins that this worker was tried with.

4.1 and 4.2 count maps whose keys differ in order apart, which `counting/` does not.
"""


def support_for(
    choice: ProfilerChoice,
    spark_version: str,
    fields: "Sequence[StructField]",
    verdict: Verdict = NOT_COMPARED,
) -> Counted:
    """Return who counts a table of these columns.

    `verdict` decides on what is not verified, if it is still as it was compared. Raises
    `TableError` if only stock DQX could count the table and `choice` excludes it.
    """
    if choice is ProfilerChoice.STOCK:
        return Counted(Counting.STOCK)
    because = unverified(choice, spark_version)
    if because is not None and verdict.of == installed(dqx_version(), spark_version):
        because = verdict.difference
    columns = {} if because else unverified_columns(fields)
    if columns and len(columns) == len(fields):
        because, columns = next(iter(columns.values())), {}
    if choice is ProfilerChoice.FAST and (because or columns):
        raise stock_errors.stock_is_off(because or next(iter(columns.values())))
    return Counted(Counting.STOCK if because else Counting.FETCHED, because, columns)


def unverified(choice: ProfilerChoice, spark_version: str) -> str | None:
    """Return what the worker's counts were not tried with; None if there is no such thing.

    `stock` does not use these counts, and `fast` trusts them with every DQX.
    """
    if choice is ProfilerChoice.STOCK:
        return None
    if not spark_version.startswith(_SPARK):
        return stock_errors.unverified_spark(spark_version)
    if choice is ProfilerChoice.AUTO and dqx_version() not in VERIFIED:
        return stock_errors.unverified_dqx(dqx_version())
    return unverified_builder()


def dqx_version() -> str:
    """Return the installed version of DQX. Raises `PackageNotFoundError`."""
    return version("databricks-labs-dqx")


def unverified_columns(fields: "Sequence[StructField]") -> dict[str, str]:
    """Return the columns of a type that is not verified, each with the reason."""
    return {
        field.name: stock_errors.unverified_type(field.name, field.dataType.simpleString())
        for field in fields
        if not _verified(field.dataType)
    }


def _verified(kind: "DataType") -> bool:
    from pyspark.sql import types

    match kind:
        case types.StructType():
            # Arrow knows no two fields of one name.
            return len(set(kind.names)) == len(kind.names) and all(
                _verified(field.dataType) for field in kind.fields
            )
        case types.ArrayType():
            return _verified(kind.elementType)
        case types.MapType():
            return _verified(kind.keyType) and _verified(kind.valueType)
    # A text with a collation is a StringType of its own, and so are CHAR and VARCHAR.
    return kind == types.StringType() or isinstance(
        kind,
        types.ByteType
        | types.ShortType
        | types.IntegerType
        | types.LongType
        | types.FloatType
        | types.DoubleType
        | types.DecimalType
        | types.BooleanType
        | types.DateType
        | types.TimestampType
        | types.TimestampNTZType
        | types.BinaryType,
    )
