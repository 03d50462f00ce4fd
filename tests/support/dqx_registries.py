"""DQX with another builder or metric, as a later release might have it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from databricks.labs.dqx.profiler import profile_builder, profiler_column_metrics
from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StringType, StructField

__all__ = ["BUILDERS", "METRICS", "count_letters_as_empty", "registered"]

BUILDERS = profile_builder.PROFILE_BUILDER_REGISTRY
METRICS = profiler_column_metrics.PROFILE_COLUMN_METRIC_REGISTRY


def count_letters_as_empty(field: StructField, label: str) -> Column:
    """Count texts of one letter as empty, too."""
    if not isinstance(field.dataType, StringType):
        return F.lit(0)
    return F.count_if(F.length(F.col(label)) <= 1)


@contextmanager
def registered(registry: dict[str, Any], name: str, entry: Any) -> Iterator[None]:
    """Have DQX know a builder or a metric, or know it no more if the entry is None."""
    before = dict(registry)
    if entry is None:
        del registry[name]
    else:
        registry[name] = entry
    try:
        yield
    finally:
        registry.clear()
        registry.update(before)
