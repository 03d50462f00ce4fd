"""Which versions, builders and types the counts of our own were compared with stock DQX on.

Stock DQX profiles a column of another type, and with another version or builder the whole table.
"""

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from worker.profiling import errors
from worker.profiling.options import ProfilerChoice
from worker.profiling.profile import Counted, Counting
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from pyspark.sql.types import DataType, StructField

__all__ = [
    "VERIFIED",
    "dqx_version",
    "how_to_count",
    "unverified_builder",
    "unverified_columns",
    "warn_if_unverified",
]

log = get_logger(__name__)

VERIFIED = ("0.17.0",)
"""The versions of DQX that this worker was tried with, from its whole suite of tests down."""

_SPARK = "4."
"""Whose arithmetic is that of `counting/`, and who has the functions that it asks for."""

_BUILDERS = frozenset({"null_or_empty", "is_in", "min_max", "has_no_outliers", "geospatial"})
_METRICS = frozenset({"empty_count", "count_distinct"})


def how_to_count(
    choice: ProfilerChoice, spark_version: str, fields: "Sequence[StructField]"
) -> Counted:
    """Return who counts a table of these columns.

    Raises `TableError` if only stock DQX could and `choice` excludes it.
    """
    if choice is ProfilerChoice.STOCK:
        return Counted(Counting.STOCK)
    because = _unverified_spark(spark_version) or unverified_builder()
    if because is None and choice is ProfilerChoice.AUTO and dqx_version() not in VERIFIED:
        because = errors.unverified_dqx(dqx_version())
    columns = {} if because else unverified_columns(fields)
    if columns and len(columns) == len(fields):
        because, columns = next(iter(columns.values())), {}
    if choice is ProfilerChoice.FAST and (because or columns):
        raise errors.stock_is_off(because or next(iter(columns.values())))
    return Counted(Counting.STOCK if because else Counting.FETCHED, because, columns)


def _unverified_spark(version: str) -> str | None:
    return None if version.startswith(_SPARK) else errors.unverified_spark(version)


def warn_if_unverified(choice: ProfilerChoice) -> None:
    """Log once, at the start, that tables take longer, or may differ, with the installed DQX."""
    if choice is not ProfilerChoice.STOCK and dqx_version() not in VERIFIED:
        log.warning(
            Event.DQX_UNVERIFIED, version=dqx_version(), verified=list(VERIFIED), profiler=choice
        )


def dqx_version() -> str:
    """Return the installed version of DQX. Raises `PackageNotFoundError`."""
    return version("databricks-labs-dqx")


def unverified_builder() -> str | None:
    """Return what is registered with DQX and is not its own; None where all is."""
    from databricks.labs.dqx.profiler.profile_builder import PROFILE_BUILDER_REGISTRY
    from databricks.labs.dqx.profiler.profiler_column_metrics import PROFILE_COLUMN_METRIC_REGISTRY

    builders = {
        name: one.contextual_builder or one.builder
        for name, one in PROFILE_BUILDER_REGISTRY.items()
    }
    for kind, known, registered in (
        ("builder", _BUILDERS, builders),
        ("metric", _METRICS, PROFILE_COLUMN_METRIC_REGISTRY),
    ):
        if (odd := _odd_ones(known, registered.items())) is not None:
            return errors.not_dqxs_own(kind, odd)
    return None


def _odd_ones(
    known: frozenset[str], registered: Iterable[tuple[str, Callable[..., object] | None]]
) -> str | None:
    missing = set(known)
    for name, function in registered:
        missing.discard(name)
        module = getattr(function, "__module__", "")
        if name not in known or not module.startswith("databricks.labs.dqx."):
            return name
    return min(missing, default=None)


def unverified_columns(fields: "Sequence[StructField]") -> dict[str, str]:
    """Return the columns of a type that is not verified, each with the reason."""
    return {
        field.name: errors.unverified_type(field.name, field.dataType.simpleString())
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
