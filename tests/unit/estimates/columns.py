"""Columns, and what is estimated of all their rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags

__all__ = ["all_rows", "arguments", "column", "estimated", "failing"]


def column(
    values: Sequence[Any] | pa.Array, kind: pa.DataType | None = None, name: str = "x"
) -> Column:
    """Return a column with these values."""
    return Column(name, values if isinstance(values, pa.Array) else pa.array(values, kind))


def all_rows(of: Column) -> Flags:
    """Return flags of all rows."""
    return np.ones(of.rows, dtype=bool)


def estimated(estimator: Estimator, of: Column) -> Estimate | None:
    """Return the estimate of all rows."""
    return estimator(of, all_rows(of))


def arguments(estimator: Estimator, of: Column) -> dict[str, Any] | None:
    """Return the arguments of the estimate; None if there is none."""
    found = estimated(estimator, of)
    return None if found is None else dict(found.arguments)


def failing(estimator: Estimator, of: Column) -> list[Any]:
    """Return the different values that fail the estimate of all rows."""
    found = estimated(estimator, of)
    assert found is not None
    values: list[Any] = of.values.filter(pa.array(found.failing(of))).unique().to_pylist()
    return values
