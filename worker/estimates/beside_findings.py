"""Rules of a column that has a finding, which all of its rows keep, the wrong ones too."""

from collections.abc import Sequence

import numpy as np

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags

__all__ = ["beside_findings"]


def beside_findings(tolerant: Sequence[Estimator], estimator: Estimator) -> Estimator:
    """Return an estimator of columns of which some rows break a rule that tolerates them."""

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        return estimator(column, rows) if _is_finding(tolerant, column) else None

    return estimate


def _is_finding(tolerant: Sequence[Estimator], column: Column) -> bool:
    if __name__ not in column.kept:
        every = np.ones(column.rows, dtype=bool)
        found = (one(column, every) for one in tolerant)
        first = next((one for one in found if one is not None), None)
        column.kept[__name__] = first is not None and bool(first.failing(column).any())
    return bool(column.kept[__name__])
