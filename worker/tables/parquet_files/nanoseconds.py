"""Timestamps of nanoseconds, pandas' own, as Spark's of microseconds: it reads them as numbers."""

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import Column

__all__ = ["as_moments"]


def as_moments(column: "Column", kind: pa.DataType) -> "Column":
    """Return a column, which Arrow reads as `kind`, with its numbers of nanoseconds as moments."""
    from pyspark.sql import functions

    if pa.types.is_timestamp(kind):
        return _moment(column, kind) if kind.unit == "ns" else column
    if pa.types.is_struct(kind):
        fields = [kind.field(number) for number in range(kind.num_fields)]
        parts = [
            as_moments(column.getField(field.name), field.type).alias(field.name)
            for field in fields
        ]
        return functions.when(column.isNotNull(), functions.struct(*parts))
    if pa.types.is_map(kind):
        keyed = functions.transform_keys(column, lambda key, _: as_moments(key, kind.key_type))
        return functions.transform_values(keyed, lambda _, one: as_moments(one, kind.item_type))
    if pa.types.is_nested(kind) and not pa.types.is_dictionary(kind):
        return functions.transform(column, lambda one: as_moments(one, kind.value_type))
    return column


def _moment(nanoseconds: "Column", kind: pa.TimestampType) -> "Column":
    from pyspark.sql import functions

    # Rounded down, before 1970 too, and without a detour over floating point.
    rest = functions.pmod(nanoseconds, functions.lit(1000))
    micros = functions.call_function("div", nanoseconds - rest, functions.lit(1000))
    moment = functions.timestamp_micros(micros)
    return moment if kind.tz else moment.cast("timestamp_ntz")
