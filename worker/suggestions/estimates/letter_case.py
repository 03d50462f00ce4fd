"""Texts whose letters are all small, or all capital."""

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate, Estimator

__all__ = ["letter_case"]

_FEWEST = 100
_CASES: Mapping[str, tuple[Callable[[pa.Array], pa.Array], str]] = {
    "lower": (pc.utf8_lower, "small"),
    "upper": (pc.utf8_upper, "capital"),
}


def letter_case(tolerated: float = 0.0) -> Estimator:
    """Return the estimator of a case that all letters have, but those of a share of the rows."""

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        if not column.is_text:
            return None
        times = column.times(rows)
        count = int(times.sum())
        for case, (_, words) in _CASES.items():
            failing = times[_in_other_case(column, case)].sum()
            if count >= _FEWEST and failing <= tolerated * count:
                return Estimate(
                    "has_valid_string_case",
                    {"case": case},
                    _failing(case),
                    f"Every letter is {words}.",
                    1 / count,
                )
        return None

    return estimate


def _failing(case: str) -> Callable[[Column], Flags]:
    return lambda column: column.where(_in_other_case(column, case))


def _in_other_case(column: Column, case: str) -> Flags:
    """Return for each different value whether it has letters of another case."""
    change, _ = _CASES[case]
    changed = pc.not_equal(change(column.different), column.different)
    flags: Flags = changed.to_numpy(zero_copy_only=False)
    return flags
