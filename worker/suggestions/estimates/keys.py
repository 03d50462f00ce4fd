"""Keys: values of which each names one row."""

import numpy as np

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate

__all__ = ["unique"]

_FEWEST = 100


def unique(column: Column, rows: Flags) -> Estimate | None:
    """Estimate that no value occurs twice."""
    codes = column.codes[rows]
    codes = codes[codes >= 0]
    if len(codes) < _FEWEST or len(np.unique(codes)) < len(codes):
        return None
    return Estimate("is_unique", {}, _repeated, "No value occurs twice.", 0.001)


def _repeated(column: Column) -> Flags:
    counts = np.bincount(column.codes[column.codes >= 0], minlength=column.distinct)
    # The last place is that of a null, which repeats freely.
    return np.append(counts > 1, False)[column.codes]  # noqa: FBT003
