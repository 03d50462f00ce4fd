"""What parquet files of this machine say in their footers: no job of Spark's has to find it out."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from worker.tables import errors

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

__all__ = ["SPARKS_SCHEMA", "Footers", "has_user_defined_type", "read_footers", "sparks_schema"]

_MOST_FILES = 1000
"""Of more, Spark reads the footers side by side."""
_PATIENCE = 10.0
"""Seconds for all footers of a table. After that Spark reads them, which can be interrupted."""
SPARKS_SCHEMA = b"org.apache.spark.sql.parquet.row.metadata"
"""Where Spark puts the schema of what it writes, and takes it from."""

Footers = Mapping[Path, pq.FileMetaData]


def read_footers(files: Sequence[Path]) -> Footers | None:
    """Return the footers of files; None if it takes Spark to read so many, or to say what is wrong.

    Raises `TableError` for a file that is damaged, or not parquet.
    """
    if len(files) > _MOST_FILES:
        return None
    give_up = time.monotonic() + _PATIENCE
    found: dict[Path, pq.FileMetaData] = {}
    for file in files:
        if time.monotonic() > give_up:
            return None
        try:
            found[file] = pq.read_metadata(file)
        except pa.ArrowException as error:
            raise errors.unreadable("file", str(file)) from error
        # Before OSError was handled separately, Arrow raised it for a damaged file, too.
        except OSError:
            return None
    return found


def sparks_schema(footers: Iterable[pq.FileMetaData]) -> "StructType | None":
    """Return the schema that Spark wrote into all these files; None if it differs, or is none."""
    from pyspark.errors import PySparkException
    from pyspark.sql.types import StructType

    try:
        (text,) = {(one.metadata or {}).get(SPARKS_SCHEMA) for one in footers}
        if text is None or has_user_defined_type(text.decode()):
            return None
        return StructType.fromJson(json.loads(text))
    # Whatever a file has in the place of a schema, pyspark raises these and its own.
    except (ValueError, KeyError, TypeError, PySparkException):
        return None


def has_user_defined_type(schema: str) -> bool:
    """Return whether a schema, as Spark's JSON, has a user-defined type.

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
