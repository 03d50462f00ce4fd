"""Numbers of the type FLOAT as Spark writes them: DQX reads bounds of such columns from text.

Other numbers are read back the same, whatever digits Java writes. A FLOAT is read as a DOUBLE.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["float_texts"]


def float_texts(session: "SparkSession", floats: Sequence[float]) -> list[str]:
    """Return Spark's text of numbers. No job is run: Spark has them at hand."""
    numbers = session.createDataFrame(pa.table({"float": pa.array(floats, pa.float32())}))
    # Fetched as Arrow they would take a job.
    return [text for (text,) in numbers.selectExpr("CAST(float AS STRING)").collect()]
