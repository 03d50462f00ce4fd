"""Parquet files of this machine as a Spark frame."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from worker.tables import errors
from worker.tables.footers import Footers, has_user_defined_type, read_footers, sparks_schema
from worker.tables.parquet_files.columns import Column, columns_of
from worker.tables.parquet_files.merge import merge
from worker.tables.parquet_files.read import read_as, read_parquet
from worker.tables.source import Source
from worker.tables.table_types import FileTable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["read_files"]


def read_files(session: "SparkSession", table: FileTable, scratch: Path) -> Source:
    """Return the rows of a table's files, unread. Blocks.

    Files that Spark wrote alike are read with the schema that it left in them, others of one kind
    with the schema that Spark finds. Files that differ, or that hold what Spark refuses, are put
    together; `scratch` is a folder for that.

    Raises Spark's errors; `TableError` for a damaged file, and for a user-defined type.
    """
    base, parts = table.path, table.parts
    if table.read_from is not None:
        base = table.read_from
        parts = tuple(sorted(base.iterdir()))
    footers = read_footers(parts)
    rows = None if footers is None else sum(one.num_rows for one in footers.values())
    schema = None if footers is None else sparks_schema(footers.values())
    if schema is None and footers is not None:
        columns = _columns(footers)
        if columns is not None and _take_care(list(columns.values())):
            merged = merge(columns)
            frame = read_parquet(session, base, columns, merged, scratch)
            return Source(frame, rows, merged.unread, merged.lacking, merged.widened)
    frame = read_as(session, base, parts, schema)
    # In Java it is a name; in Python its module is imported.
    if has_user_defined_type(frame._jdf.schema().json()):  # noqa: SLF001
        raise errors.user_defined_type(str(table))
    return Source(frame, rows, footers=footers)


def _columns(footers: Footers) -> dict[Path, tuple[Column, ...]] | None:
    """Return the columns of each file; None if Spark has to say what is wrong with them."""
    try:
        found = {path: columns_of(footer) for path, footer in footers.items()}
    except pa.ArrowException:
        return None
    # A name that a file has twice.
    if any(len({one.name for one in columns}) < len(columns) for columns in found.values()):
        return None
    return found


def _take_care(files: Sequence[tuple[Column, ...]]) -> bool:
    """Return whether the files differ, or hold what Spark refuses or misreads."""
    first, *others = files
    return any(one != first for one in others) or any(
        one.unread is not None or one.has_nanoseconds for one in first
    )
