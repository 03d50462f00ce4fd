"""Fewer round trips over pyspark's bridge to the Java beside this process.

DQX's builders of profiles take many for each column of dates: most are for functions' names.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["remember_functions"]

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
