"""Fetches drawn rows as Arrow, unless they are more bytes than may be held here.

One action of Spark. Rows that alone are too large for what may be held don't come at first, so that
neither Spark's driver nor this process ever holds more: they take another one, or two, if
there are any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType, StructField

__all__ = ["Fetched", "fetch"]

_PLAIN_BYTES = 8
"""What a value that is neither text, binary nor nested counts for."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of it."""

    rows: pa.Table | None
    """None if they are more bytes than may be held."""
    drawn: int | None
    """How many rows there are; None if that was clear before they were drawn."""
    large: bool = False
    """Whether some rows were too large to be fetched with the others."""


def fetch(
    frame: "DataFrame",
    most_rows: int,
    most_bytes: int,
    *,
    as_many: bool = False,
    in_one_action: bool = False,
) -> Fetched:
    """Return the rows of `frame`, of which there are `most_rows` at most. Blocks.

    `as_many` says that there should be just that many, which takes less time, and a third action
    if some are too large; `in_one_action` leaves them where they are then. Bytes are those of
    text and binary values, of nested ones as text, and 8 for any other. Raises Spark's errors.
    """
    fields = frame.schema.fields
    loose = [field for field in fields if not _plain(field)]
    plain = _PLAIN_BYTES * (len(fields) - len(loose))
    # What a row may have beside its plain values, so that all of them together are few enough.
    room = most_bytes // max(most_rows, 1) - plain
    if room < 0:
        return Fetched(None, None)
    if not loose:
        rows = frame.toArrow()
        return Fetched(rows, rows.num_rows)
    size = _size(loose)
    if as_many:
        small = frame.where(size <= room).toArrow()
        if small.num_rows == most_rows:
            return Fetched(small, most_rows)
    guarded = _guarded(frame, size, room).toArrow()
    drawn = guarded.num_rows
    total = plain * drawn + (pc.sum(guarded["bytes"]).as_py() or 0)
    if total > most_bytes:
        return Fetched(None, drawn)
    if guarded["row"].null_count:
        return Fetched(None if in_one_action else frame.toArrow(), drawn, large=True)
    return Fetched(pa.table(guarded["row"].flatten(), names=frame.columns), drawn)


def _guarded(frame: "DataFrame", size: "Column", room: int) -> "DataFrame":
    """Return each row as a struct, or NULL if its `size` is more than the `room`; their bytes.

    A struct takes Spark less than a condition in each column would.
    """
    from pyspark.sql import functions

    columns = [_nullable(field) for field in frame.schema.fields]
    row = functions.when(size <= room, functions.struct(*columns))
    return frame.select(row.alias("row"), size.alias("bytes"))


def _nullable(field: "StructField") -> "str | Column":
    """Return a column that may be NULL: Arrow has no NULL for a struct with one that may not."""
    from pyspark.sql import functions

    name = "`" + field.name.replace("`", "``") + "`"
    kind = _with_nulls(field.dataType)
    if field.nullable and kind == field.dataType:
        return name
    column = functions.col(name)
    if kind != field.dataType:
        column = column.cast(kind)
    return functions.when(column.isNotNull(), column).alias(field.name)


def _with_nulls(kind: "DataType") -> "DataType":
    """Return a type whose fields may be NULL, if it is a struct."""
    from pyspark.sql.types import StructField, StructType

    if not isinstance(kind, StructType):
        return kind
    return StructType([StructField(one.name, _with_nulls(one.dataType)) for one in kind.fields])


def _size(loose: Sequence["StructField"]) -> "Column":
    """Return the bytes of a row's columns; as few expressions as possible, for each takes time."""
    from pyspark.sql import functions

    text = functions.concat_ws("", *map(_text, loose))
    return functions.octet_length(text).cast("bigint")


def _text(field: "StructField") -> "str | Column":
    from pyspark.sql import functions
    from pyspark.sql.types import BinaryType, StringType

    name = "`" + field.name.replace("`", "``") + "`"
    if isinstance(field.dataType, StringType | BinaryType):
        return name
    return functions.col(name).cast("string")


def _plain(field: "StructField") -> bool:
    from pyspark.sql.types import AtomicType, BinaryType, StringType

    kind = field.dataType
    return isinstance(kind, AtomicType) and not isinstance(kind, StringType | BinaryType)
