"""Lists of allowed values, if the list is closed: no value is left that was not seen yet."""

import math
from collections.abc import Container, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Bound, Column, Counts, Flags
from worker.slips.misspelled import misspelled

__all__ = ["allowed_values", "expected_of_scale", "expected_unseen"]

_FEWEST_ROWS = 30
_MOST_VALUES = 50
_LONGEST = 60
"""Characters. A longer text is no category."""
_MOST_EXPECTED = 0.1
_PAIR = 2
"""Two values are a flag, and no scale."""
_DENSE = 2
"""Numbers between the least and the greatest value of a scale, for each value that was seen."""
_VARIABLE = "${"
"""Spark puts the value of a setting in place of `${its.name}`, in literals, too."""


def allowed_values(tolerated: float = 0.0, elsewhere: Container[str] = ()) -> Estimator:
    """Return the estimator of a closed list.

    Of a `tolerated` share of the rows, rare values are left out that look like misspelled ones, or
    that are values of other columns: those in `elsewhere`.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        times = column.times(rows)
        seen = times > 0
        if tolerated and column.is_text:
            seen &= ~misspelled(column, times, tolerated, _MOST_VALUES, elsewhere)
        counts = times[seen]
        if not 0 < len(counts) <= _MOST_VALUES or counts.sum() < _FEWEST_ROWS:
            return None
        # Of a constant no value is known to have sisters: it may change with any row.
        expected = expected_unseen(counts) if len(counts) > 1 else 1 / float(counts.sum())
        values = column.different.filter(pa.array(seen))
        if column.is_whole:
            expected += expected_of_scale(values.to_numpy(), counts)
        arguments = _arguments(values)
        if expected > _MOST_EXPECTED or arguments is None:
            return None
        return _list(arguments, values, expected, filled=not (rows & ~column.filled).any())

    return estimate


def expected_unseen(counts: Counts) -> float:
    """Return how many values of this kind a sample of this size is expected to miss.

    A value that is expected c times is missed with probability exp(-c). The values that were seen
    stand for those that were not: a value that was seen only a few times is likely to have sisters
    that were not seen.
    """
    return float(np.exp(-counts.astype(np.float64)).sum())


def expected_of_scale(values: Counts, counts: Counts) -> float:
    """Return how many values a scale of whole numbers is expected to have beside these.

    It has those between them. If the last ones are the rarer the greater they are, as of children,
    the next one is expected to be rarer by as much, but was not seen.
    """
    order = np.argsort(values)
    values, counts = values[order], counts[order]
    span = float(values[-1]) - float(values[0]) + 1
    if len(values) <= _PAIR or span > _DENSE * len(values):
        return 0.0
    before, last = float(counts[-2]), float(counts[-1])
    following = last * last / before if last < before else np.inf
    return span - len(values) + (following * math.exp(-following) if following < np.inf else 0.0)


def _list(
    arguments: Sequence[Bound | str], values: pa.Array, expected: float, *, filled: bool
) -> Estimate:
    def failing(column: Column) -> Flags:
        different = column.different
        if pa.types.is_floating(different.type):
            # To Spark -0.0 is 0.0, to Arrow's lists it is not.
            known = np.array(pc.equal(different, values[0]))
        else:
            known = pc.is_in(different, values).to_numpy(zero_copy_only=False)
        flags = column.where(~known)
        return flags | ~column.filled if filled else flags

    several = f"The list holds the {len(values)} values that were seen, each of them often."
    return Estimate(
        "is_not_null_and_is_in_list" if filled else "is_in_list",
        {"allowed": list(arguments)},
        failing,
        several if len(values) > 1 else "No other value was seen.",
        expected,
    )


def _arguments(values: pa.Array) -> Sequence[Bound | str] | None:
    """Return the values as DQX writes them: texts, whole numbers, or one of another type."""
    found: list[Any] = values.to_pylist()
    if pa.types.is_integer(values.type):
        return sorted(found)
    if len(found) == 1 and _is_plain(found[0]):
        return found
    if not pa.types.is_string(values.type) or max(map(len, found)) > _LONGEST:
        return None
    if _has_variants(found) or any(_VARIABLE in one for one in found):
        return None
    return sorted(map(_literal, found))


def _is_plain(value: object) -> bool:
    """Return whether a value is true, false or a finite number."""
    return isinstance(value, int | float | Decimal) and math.isfinite(value)


def _has_variants(texts: Sequence[str]) -> bool:
    """Return whether some are empty, or differ from others in case or in spaces around alone."""
    return len({one.strip().casefold() for one in texts} - {""}) < len(texts)


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
