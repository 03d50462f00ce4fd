"""Fewer round trips over pyspark's bridge to the Java beside this process.

DQX's builders of profiles take many for each column of dates: most are for functions' names.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["java_text", "remember_functions"]

_FUNCTIONS = "org.apache.spark.sql.functions"
# Those that the worker and DQX's builders of profiles use for every table.
_USED = (
    *("col", "lit", "when", "struct", "concat_ws", "octet_length"),
    *("min", "max", "mean", "stddev", "abs", "percentile_approx", "date_format"),
)


def remember_functions(session: "SparkSession") -> None:
    """Have pyspark find Spark's functions once: it asks Java for each anew at every use.

    It keeps what it asks for an attribute of an object, if that was set (py4j 0.10,
    `JVMView` and `JavaClass`).
    """
    jvm: Any = session.sparkContext._jvm  # noqa: SLF001
    functions = jvm.functions
    for name in _USED:
        setattr(functions, name, getattr(functions, name))
    jvm.functions = functions
    setattr(jvm, _FUNCTIONS, functions)


def java_text(
    session: "SparkSession", doubles: Sequence[float], floats: Sequence[float]
) -> tuple[list[str], list[str]]:
    """Return Java's text of numbers of both types, which is Spark's."""
    return (
        _texts(session, doubles, ">f8", "double", "asDoubleBuffer"),
        _texts(session, floats, ">f4", "float", "asFloatBuffer"),
    )


def _texts(
    session: "SparkSession", numbers: Sequence[float], bits: str, java_type: str, view: str
) -> list[str]:
    if not numbers:
        return []
    context: Any = session.sparkContext
    jvm = context._jvm  # noqa: SLF001
    sent = jvm.java.nio.ByteBuffer.wrap(np.array(numbers, dtype=bits).tobytes())
    array = context._gateway.new_array(getattr(jvm, java_type), len(numbers))  # noqa: SLF001
    getattr(sent, view)().get(array)
    written: str = jvm.java.util.Arrays.toString(array)
    return written[1:-1].split(", ")
