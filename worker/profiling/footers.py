"""The number of rows that parquet files have in their footers: no job of Spark's has to count."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["rows_in_footers"]

_MOST_FILES = 64
"""Of more, Spark reads the footers side by side."""


def rows_in_footers(frame: "DataFrame") -> int | None:
    """Return how many rows there are in the parquet files of this machine that `frame` reads.

    None where it takes Spark to count them, or to say what is wrong with them.
    """
    files = frame.inputFiles()
    if not 0 < len(files) <= _MOST_FILES:
        return None
    try:
        paths = [url2pathname(urlsplit(file).path) for file in files]
        return sum(int(pq.read_metadata(path).num_rows) for path in paths)
    except (OSError, pa.ArrowException):
        return None
