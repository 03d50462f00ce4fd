"""Numbers as Spark writes them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["spark_text"]


def spark_text(
    session: "SparkSession", doubles: Sequence[float], floats: Sequence[float]
) -> tuple[list[str], list[str]]:
    """Return Spark's text of numbers of both types. No job is run: Spark has them at hand.

    Java writes some numbers with more digits than the fewest that tell them apart.
    """
    from pyspark.sql import functions

    rows = max(len(doubles), len(floats))
    numbers = pa.table(
        {
            "double": pa.array([*doubles, *[None] * (rows - len(doubles))], pa.float64()),
            "float": pa.array([*floats, *[None] * (rows - len(floats))], pa.float64()),
        }
    )
    written = session.createDataFrame(numbers).select(
        functions.col("double").cast("string"),
        functions.col("float").cast("float").cast("string"),
    )
    # Fetched as Arrow they would take one.
    texts = written.collect()
    return [one[0] for one in texts[: len(doubles)]], [one[1] for one in texts[: len(floats)]]
