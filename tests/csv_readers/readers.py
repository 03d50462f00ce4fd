"""The readers that could have been used, each as a function from a file to its columns."""

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
from pyarrow import csv
from pyspark.sql import SparkSession

from worker.tables.csv_files.readable import readable
from worker.tables.options import CSV_NULLS
from worker.tables.table_types import FileFormat, FileTable

__all__ = ["Columns", "Reader", "readers"]

Columns = dict[str, list[Any]]
Reader = Callable[[Path], Columns]


def readers(spark: SparkSession) -> dict[str, Reader]:
    """Return the readers by name, each with what its documentation advises for such files."""
    return {
        "this worker": _worker,
        "PyArrow": lambda path: csv.read_csv(
            path, parse_options=csv.ParseOptions(newlines_in_values=True)
        ).to_pydict(),
        "DuckDB": lambda path: duckdb.read_csv(str(path)).to_arrow_table().to_pydict(),
        "pandas": lambda path: pd.read_csv(path, sep=None, engine="python").to_dict("list"),
        "Spark": lambda path: _spark(spark, path),
        "Spark, multiLine": lambda path: _spark(spark, path, multiLine=True, escape='"'),
    }


def _worker(path: Path) -> Columns:
    with tempfile.TemporaryDirectory() as folder:
        table = FileTable(path, FileFormat.CSV)
        readable(table, Path(folder), CSV_NULLS, threading.Event())
        columns: Columns = pq.read_table(folder).to_pydict()
        return columns


def _spark(spark: SparkSession, path: Path, **options: Any) -> Columns:
    frame = spark.read.options(header=True, inferSchema=True, **options).csv(str(path))
    rows = frame.collect()
    return {name: [row[place] for row in rows] for place, name in enumerate(frame.columns)}
