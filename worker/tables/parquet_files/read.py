"""A Spark frame of parquet files, whatever their writers, and however the files differ."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from worker.tables.parquet_files.columns import Column
from worker.tables.parquet_files.merge import Merged
from worker.tables.parquet_files.nanoseconds import as_moments

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

__all__ = ["read_as", "read_parquet"]

_GLOB = re.compile(r"([\\*?\[\]{}])")


def read_as(
    session: "SparkSession", base: Path, files: Sequence[Path], schema: "StructType | None"
) -> "DataFrame":
    """Return the rows of files below `base`, or in it; without a schema Spark finds it out.

    The names of folders such as `year=2024` become columns.
    """
    reader = session.read if schema is None else session.read.schema(schema)
    if base.is_dir():
        reader = reader.option("basePath", str(base))
    return reader.parquet(*map(_escaped, files))


def read_parquet(
    session: "SparkSession",
    base: Path,
    files: Mapping[Path, Sequence[Column]],
    merged: Merged,
    scratch: Path,
) -> "DataFrame":
    """Return the rows of all files below `base` in the columns of all of them, `merged`.

    Spark's schemas are found with empty files, which are written to `scratch`. Blocks. Raises
    Spark's errors.
    """
    target = _schema(session, merged.columns, scratch)
    frames = []
    for columns, paths in _alike(files, merged):
        schema = _schema(session, {one.name: one.type for one in columns}, scratch)
        part = read_as(session, base, paths, schema)
        frames.append(part.select(*_selected(part, columns, target, merged.names)))
    whole, *more = frames
    for one in more:
        whole = whole.unionByName(one)
    return whole


def _alike(
    files: Mapping[Path, Sequence[Column]], merged: Merged
) -> Iterable[tuple[Sequence[Column], list[Path]]]:
    """Yield the files that have the same columns together."""
    by_columns: dict[tuple[Column, ...], list[Path]] = {}
    for path, columns in files.items():
        read = tuple(one for one in columns if merged.names[one.name] in merged.columns)
        by_columns.setdefault(read, []).append(path)
    return by_columns.items()


def _selected(
    part: "DataFrame", columns: Sequence[Column], target: "StructType", names: Mapping[str, str]
) -> "Iterable[SparkColumn]":
    """Yield the target's columns out of a part that may lack some, then those of its folders."""
    from pyspark.sql import functions

    having = {names[one.name]: one for one in columns}
    for field in target:
        column: SparkColumn = functions.lit(None)
        if (one := having.get(field.name)) is not None:
            column = functions.col(_quoted(one.name))
            if one.has_nanoseconds:
                column = as_moments(column, one.type)
        if one is None or part.schema[one.name].dataType != field.dataType:
            column = column.cast(field.dataType)
        yield column.alias(field.name)
    own = {one.name for one in columns}
    for name in part.columns:
        if name not in own:
            yield functions.col(_quoted(name))


def _schema(
    session: "SparkSession", columns: Mapping[str, pa.DataType], scratch: Path
) -> "StructType":
    """Return the schema that Spark has for columns of these types."""
    empty = scratch / "empty.parquet"
    pq.write_table(pa.schema(list(columns.items())).empty_table(), empty)
    return session.read.parquet(str(empty)).schema


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _escaped(path: Path) -> str:
    """Return a path as Spark takes it, which reads it as a pattern."""
    return _GLOB.sub(r"\\\1", str(path))
