"""Texts whose letters are all small, or all capital."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate

__all__ = ["letter_case"]

_FEWEST = 100
_CASES = {"lower": pc.utf8_lower, "upper": pc.utf8_upper}


def letter_case(column: Column, rows: Flags) -> Estimate | None:
    """Estimate that all letters of a column are small, or capital."""
    codes = column.codes[rows]
    codes = codes[codes >= 0]
    if not pa.types.is_string(column.values.type) or len(codes) < _FEWEST:
        return None
    for name in _CASES:
        if not _other_case(column, name)[codes].any():
            return Estimate(
                "has_valid_string_case",
                {"case": name},
                lambda other, name=name: _other_case(other, name)[other.codes],
                f"Every letter is {'small' if name == 'lower' else 'capital'}.",
                1 / len(codes),
            )
    return None


def _other_case(column: Column, case: str) -> Flags:
    """Return for each different value, and at the last place for null, whether it fails."""
    changed = _CASES[case](column.different)
    failing = pc.not_equal(changed, column.different).to_numpy(zero_copy_only=False)
    return np.append(failing, False)  # noqa: FBT003
