"""The built-in table on which stock DQX and the worker are compared.

It has every type that the worker counts, with missing values, NaN, blanks, outliers, and few and
many distinct values. Stock DQX takes Spark several queries for each column, so columns are few.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.sampling.dqx_options import DqxOptions

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["EXAMPLES", "Example"]

_ROWS = 240
"""Enough for a list of `max_in_count` values to be below DQX's default `distinct_ratio`."""

_COLUMNS = {
    "tiny": "cast(id % 3 AS TINYINT)",
    "small": "cast(if(id = 100, NULL, id % 10) AS SMALLINT)",
    "number": "cast(if(id = 7, 1000000, id * 3 - 40) AS INT)",
    "large": "if(id % 3 = 0, NULL, id * 3000000019)",
    "share": "cast(id / 7 AS FLOAT)",
    "measure": "if(id % 50 = 3, double('NaN'), if(id = 8, 1e12, id / 7 - 10))",
    "amount": "cast(if(id = 9, 90000, id / 8) AS DECIMAL(10, 2))",
    "precise": "cast(if(id % 2 = 0, NULL, -id * 1000000.001) AS DECIMAL(38, 10))",
    "color": "element_at(array('red', 'green', 'blue'), cast(id % 3 AS INT) + 1)",
    "name": "if(id % 20 = 1, NULL, concat('name ', id))",
    "blank": "element_at(array('', ' ', 'a', ' a', 'b ', NULL), cast(id % 6 AS INT) + 1)",
    "day": "if(id = 3, NULL, date_add(DATE'2020-01-01', cast(id * id % 5000 AS INT)))",
    "moment": "timestamp_micros(1600000000000000 + id * 987654321)",
    "local_moment": "cast(timestamp_micros(id * 3600000001 - 1000000) AS TIMESTAMP_NTZ)",
    "mark": "if(id % 4 = 0, NULL, id % 2 = 1)",
    "bytes": "encode(concat('b', id % 4), 'UTF-8')",
    "list": "array(id, id + 1)",
    "pairs": "map('k', id % 2)",
    "nested": "named_struct('number', cast(id AS INT), 'text', concat('t', id % 2))",
    "nothing": "cast(NULL AS INT)",
}


@dataclass(frozen=True, slots=True)
class Example:
    """Columns of the table, and the options of DQX with which they are profiled."""

    columns: Sequence[str]
    chosen: DqxOptions

    def rows(self, session: "SparkSession") -> "DataFrame":
        """Return the rows, which Spark makes on the spot."""
        columns = [f"{_COLUMNS[name]} AS {name}" for name in self.columns]
        return session.range(_ROWS).selectExpr(*columns)


EXAMPLES = (
    Example(tuple(_COLUMNS), DqxOptions()),
    Example(
        ("small", "number", "measure", "amount", "blank", "day"),
        DqxOptions(
            round=False,
            max_in_count=_ROWS,
            distinct_ratio=1.0,
            max_null_ratio=0.1,
            max_empty_ratio=0.2,
            remove_outliers=False,
            trim_strings=False,
            has_no_outliers=True,
            outliers_ratio=0.05,
        ),
    ),
)
"""Every column with DQX's defaults, and one of each family with the other options."""
