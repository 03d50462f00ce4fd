"""What parquet files of this machine say in their footers: no job of Spark's has to find it out."""

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

__all__ = ["has_user_defined_type", "rows_in_footers", "schema_in_footers"]

_MOST_FILES = 64
"""Of more, Spark reads the footers side by side."""
_PATIENCE = 10.0
"""Seconds for all footers of a table. After that Spark reads them, which can be interrupted."""
_METADATA = frozenset({"_metadata", "_common_metadata"})
_SPARKS_SCHEMA = b"org.apache.spark.sql.parquet.row.metadata"
"""Where Spark puts the schema of what it writes, and takes it from."""


def schema_in_footers(path: Path) -> "StructType | None":
    """Return the schema that Spark wrote into a file, or into all the files of a folder.

    None where it takes Spark to find the schema out, or to say what is wrong with the files.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql.types import StructType

    try:
        files = _visible(path)
        if not files:
            return None
        schemas = {(one.metadata or {}).get(_SPARKS_SCHEMA) for one in _footers(files)}
        (text,) = {one and one.decode() for one in schemas}
        if text is None or has_user_defined_type(text):
            return None
        return StructType.fromJson(json.loads(text))
    # Whatever a file has in the place of a schema, pyspark raises these and its own.
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError, PySparkException):
        return None


def has_user_defined_type(schema: str) -> bool:
    """Tell whether a schema, as Spark's JSON, has a type that is somebody's own.

    A file may name one, and pyspark imports the module that it names. Raises `ValueError` for what
    is not JSON.
    """
    found = False

    def seen(part: dict[str, object]) -> dict[str, object]:
        nonlocal found
        found = found or part.get("type") == "udt"
        return part

    json.loads(schema, object_hook=seen)
    return found


def rows_in_footers(frame: "DataFrame") -> int | None:
    """Return how many rows there are in the parquet files of this machine that `frame` reads.

    None where it takes Spark to count them, or to say what is wrong with them.
    """
    # Not `inputFiles`, which would fetch the names one by one, however many they are.
    files = frame._jdf.inputFiles()  # noqa: SLF001
    if not 0 < len(files) <= _MOST_FILES:
        return None
    try:
        paths = [Path(url2pathname(urlsplit(file).path)) for file in files]
        return sum(int(one.num_rows) for one in _footers(paths))
    except (OSError, pa.ArrowException):
        return None


def _visible(path: Path) -> list[Path]:
    """Return the files that Spark reads; none where a folder holds more than a few files of rows.

    Folders in it are values of columns to Spark, and a file of metadata goes before the others'.
    """
    if not path.is_dir():
        return [path]
    files: list[Path] = []
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name in _METADATA:
                return []
            if entry.name[0] in "._":
                continue
            if entry.is_dir() or len(files) == _MOST_FILES:
                return []
            files.append(Path(entry.path))
    return files


def _footers(files: Iterable[Path]) -> Iterable[pq.FileMetaData]:
    """Yield each file's footer. Raises `TimeoutError` if they take too long."""
    give_up = time.monotonic() + _PATIENCE
    for file in files:
        if time.monotonic() > give_up:
            raise TimeoutError
        yield pq.read_metadata(file)
