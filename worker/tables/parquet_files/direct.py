"""Reads small parquet files with Arrow instead of Spark, if both read the same from them.

Spark's query is half of all that profiling a table of 5,000 rows and 100 columns takes. Rows come
in the order in which Spark reads them, since sums of floating-point numbers depend on it. What is
not plainly the same is left to Spark: nested columns, types that Spark reads as others, names that
it changes, dates of an old calendar.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from worker.tables.footers import Footers
from worker.tables.parquet_files.columns import columns_of

if TYPE_CHECKING:
    from pyspark.sql.types import DataType, StructField

__all__ = ["read_directly"]

_UNSPLIT = 4 * 2**20
"""Bytes. Spark splits no file that is smaller (`spark.sql.files.openCostInBytes`)."""
_MOST_BYTES = 64 * 2**20
"""Bytes of all files: a read of more is left to Spark, which can be interrupted."""
_PLAIN_BYTES = 8
"""What a value that is neither text nor binary counts for, as in `fetch`."""
_WRITER = b"org.apache.spark.version"
_LEGACY = (b"org.apache.spark.legacyDateTime", b"org.apache.spark.legacyINT96")
"""Keys of files whose dates and timestamps Spark converts from the calendar of Spark 2."""
_FIRST = (3, 1)
"""The version of Spark from which files without these keys have today's calendar."""


def read_directly(
    footers: Footers, fields: Sequence["StructField"], most_bytes: int
) -> pa.Table | None:
    """Return the rows of the files in these columns, of the types that Spark fetches them with.

    None if Spark has to read them, if they are larger than `most_bytes`, or if anything is wrong
    with a file: Spark's error says what. Blocks.
    """
    kinds = [_fetched_as(field.dataType) for field in fields]
    rows = sum(one.num_rows for one in footers.values())
    if None in kinds or not fields or rows * len(fields) * _PLAIN_BYTES > most_bytes:
        return None
    schema = pa.schema(list(zip([field.name for field in fields], kinds, strict=True)))
    try:
        files = _in_order(footers)
        if files is None or not all(_alike(footers[file], schema) for file in files):
            return None
        read = [_read(file, footers[file], schema) for file in files]
    # A file that is damaged, is gone, or was replaced meanwhile.
    except (pa.ArrowException, OSError):
        return None
    tables = [one for one in read if one is not None]
    if len(tables) < len(read) or _size(tables) > most_bytes:
        return None
    return pa.concat_tables([_decoded(one, schema) for one in tables])


def _fetched_as(kind: "DataType") -> pa.DataType | None:
    """Return the type of Arrow in which Spark fetches a column; None if it needs Spark."""
    from pyspark.sql import types

    plain: dict[type[DataType], pa.DataType] = {
        types.BooleanType: pa.bool_(),
        types.ByteType: pa.int8(),
        types.ShortType: pa.int16(),
        types.IntegerType: pa.int32(),
        types.LongType: pa.int64(),
        types.FloatType: pa.float32(),
        types.DoubleType: pa.float64(),
        types.BinaryType: pa.binary(),
        types.DateType: pa.date32(),
        types.TimestampType: pa.timestamp("us", "UTC"),
        types.TimestampNTZType: pa.timestamp("us"),
    }
    if isinstance(kind, types.DecimalType):
        return pa.decimal128(kind.precision, kind.scale)
    # A text with a collation is a StringType of its own.
    return pa.string() if kind == types.StringType() else plain.get(type(kind))


def _in_order(footers: Footers) -> list[Path] | None:
    """Return the files as Spark reads them, large ones first; None if it would split one."""
    sizes = {file: file.stat().st_size for file in footers}
    if max(sizes.values()) > _UNSPLIT or sum(sizes.values()) > _MOST_BYTES:
        return None
    return sorted(sizes, key=lambda file: -sizes[file])


def _alike(footer: pq.FileMetaData, schema: pa.Schema) -> bool:
    """Return whether Arrow reads these columns of a file as Spark does."""
    columns = columns_of(footer)
    kinds = {one.name: one.type for one in columns if one.unread is None}
    if len({one.name for one in columns}) < len(columns):
        return False
    if any(kinds.get(field.name) != field.type for field in schema):
        return False
    moments = any(pa.types.is_date(kind) or pa.types.is_timestamp(kind) for kind in schema.types)
    return not moments or _has_todays_calendar(footer.metadata or {})


def _has_todays_calendar(metadata: dict[bytes, bytes]) -> bool:
    if any(key in metadata for key in _LEGACY):
        return False
    if _WRITER not in metadata:
        # Spark 4 takes the files of other writers for what they are.
        return True
    version = re.match(rb"(\d+)\.(\d+)", metadata[_WRITER])
    return version is not None and (int(version[1]), int(version[2])) >= _FIRST


def _read(file: Path, footer: pq.FileMetaData, schema: pa.Schema) -> pa.Table | None:
    """Return a file's rows, texts with each distinct one once; None if it has changed."""
    texts = [field.name for field in schema if _is_loose(field.type)]
    with pq.ParquetFile(file, read_dictionary=texts, coerce_int96_timestamp_unit="us") as opened:
        if not opened.metadata.equals(footer):
            return None
        everything = opened.schema_arrow.names == schema.names
        found = opened.read(None if everything else schema.names)
    # In Arrow a name with a dot is that of a field in a struct, too.
    return found if found.column_names == schema.names else None


def _size(tables: Sequence[pa.Table]) -> int:
    """Return the bytes of rows as `fetch` counts them."""
    return sum(_bytes(column) for table in tables for column in table.columns)


def _bytes(column: pa.ChunkedArray) -> int:
    kind = column.type
    if not pa.types.is_dictionary(kind) and not _is_loose(kind):
        return _PLAIN_BYTES * len(column)
    total = 0
    for chunk in column.chunks:
        lengths = pc.binary_length(chunk.dictionary if pa.types.is_dictionary(kind) else chunk)
        if pa.types.is_dictionary(kind):
            lengths = lengths.cast(pa.int64()).take(chunk.indices)
        total += pc.sum(lengths).as_py() or 0
    return total


def _decoded(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows in the types of Spark; timestamps of INT96 are in UTC and do not say so."""
    columns = [
        pa.chunked_array([one.dictionary_decode() for one in column.chunks], field.type)
        if pa.types.is_dictionary(column.type)
        else column.cast(field.type)
        for column, field in zip(table.columns, schema, strict=True)
    ]
    return pa.table(columns, schema=schema)


def _is_loose(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.binary())
