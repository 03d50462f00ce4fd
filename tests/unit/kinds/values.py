"""Columns of a hundred and more rows, as those of real tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from worker.kinds.column import Column
from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.describe import describe

__all__ = ["RNG", "described", "kind_of", "shuffled"]

RNG = np.random.default_rng(24)


def described(name: str, values: Sequence[Any] | pa.Array, logical: str | None = None) -> Described:
    """Return what a column of this name with these values is."""
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return describe(Column(name, array, logical))


def kind_of(name: str, values: Sequence[Any] | pa.Array, logical: str | None = None) -> ColumnKind:
    """Return the kind alone."""
    return described(name, values, logical).kind


def shuffled(values: Sequence[Any]) -> list[Any]:
    """Return the values in an order that no table has."""
    return [values[at] for at in np.random.default_rng(7).permutation(len(values))]
