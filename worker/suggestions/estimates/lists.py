"""Lists of allowed values, if the list is closed: no value is left that was not seen yet."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate

__all__ = ["allowed_values", "expected_unseen"]

_FEWEST_ROWS = 30
_MOST_VALUES = 50
_LONGEST = 60
"""Characters. A longer text is no category."""
_MOST_EXPECTED = 0.1


def allowed_values(column: Column, rows: Flags) -> Estimate | None:
    """Estimate a closed list of values."""
    counts, values = _seen(column, rows)
    if not 0 < len(counts) <= _MOST_VALUES or counts.sum() < _FEWEST_ROWS:
        return None
    if (expected := expected_unseen(counts)) > _MOST_EXPECTED:
        return None
    if (allowed := _arguments(values)) is None:
        return None
    listed = np.zeros(column.distinct + 1, dtype=bool)
    listed[_numbers(column, rows)] = True
    known = column.different.filter(pa.array(listed[:-1]))
    filled = bool(column.filled[rows].all())

    def failing(other: Column) -> Flags:
        flags: Flags = ~pc.is_in(other.different, known).to_numpy(zero_copy_only=False)
        # The last place is that of a null.
        return np.append(flags, filled)[other.codes]

    return Estimate(
        "is_not_null_and_is_in_list" if filled else "is_in_list",
        {"allowed": allowed},
        failing,
        f"The list holds all {len(counts)} values that were seen, each of them often."
        if len(counts) > 1
        else "No other value was seen.",
        expected,
    )


def expected_unseen(counts: np.ndarray) -> float:
    """Return how many values of this kind a sample of this size is expected to miss.

    A value that is expected c times is missed with probability exp(-c). The values that were seen
    stand for those that were not: a value that was seen only a few times is likely to have sisters
    that were not.
    """
    return float(np.exp(-counts.astype(np.float64)).sum())


def _seen(column: Column, rows: Flags) -> tuple[np.ndarray, pa.Array]:
    codes = column.codes[rows]
    counts = np.bincount(codes[codes >= 0], minlength=column.distinct)
    seen = counts > 0
    return counts[seen], column.different.filter(pa.array(seen))


def _numbers(column: Column, rows: Flags) -> np.ndarray:
    codes = np.unique(column.codes[rows])
    return codes[codes >= 0]


def _arguments(values: pa.Array) -> list[str] | list[int] | None:
    """Return the values as DQX writes them; None if they are no texts or whole numbers."""
    found = values.to_pylist()
    if pa.types.is_integer(values.type):
        return sorted(found)
    if not pa.types.is_string(values.type):
        return None
    if max(map(len, found)) > _LONGEST or _has_variants(found):
        return None
    return sorted(_literal(one) for one in found)


def _has_variants(texts: list[str]) -> bool:
    """Return whether some are empty, or differ from others in case or in spaces around alone."""
    return len({one.strip().casefold() for one in texts} - {""}) < len(texts)


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
