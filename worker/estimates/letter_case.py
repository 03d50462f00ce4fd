"""Texts whose letters are all small, or all capital."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags

__all__ = ["letter_case"]

_FEWEST = 100
_CASES: Mapping[str, tuple[Callable[[pa.Array], pa.Array], Callable[[str], str], str]] = {
    "lower": (pc.ascii_lower, str.lower, "small"),
    "upper": (pc.ascii_upper, str.upper, "capital"),
}


def letter_case(tolerated: float = 0.0) -> Estimator:
    """Return the estimator of a case that all letters have, but those of a share of the rows."""

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        if not column.is_text:
            return None
        times = column.times(rows)
        count = int(times.sum())
        for case, (*_, words) in _CASES.items():
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
    texts = column.different
    change, of_any, _ = _CASES[case]
    flags: Flags = np.array(pc.not_equal(change(texts), texts))
    # Arrow leaves letters alone that change into several, such as the German sharp s.
    for at in np.flatnonzero(~np.array(pc.string_is_ascii(texts))).tolist():
        text = texts[at].as_py()
        flags[at] = of_any(text) != text
    return flags
