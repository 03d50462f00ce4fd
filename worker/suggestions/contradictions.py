"""Rules that reject what the list for the same column allows."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from worker.checks.case_twins import NO_TWINS, Twins
from worker.checks.catalogue import function_of
from worker.checks.column_names import columns_of, segments
from worker.checks.readable_values import plain
from worker.counting.check import Check

__all__ = ["allowed_values", "place", "rejects"]


def allowed_values(checks: Iterable[Check], twins: Twins = NO_TWINS) -> dict[str, Sequence[Any]]:
    """Return the values of the lists among `checks`, by what `rejects` asks for: see `place`."""
    return {
        place(check, twins): check.arguments.get(listed) or []
        for check in checks
        if (listed := function_of(check.function).listed)
    }


def place(check: Check, twins: Twins = NO_TWINS) -> str:
    """Return what two checks have in common that may contradict each other: column and filter."""
    columns = [twins.compared(segments(one)) for one in columns_of(check.arguments)]
    return json.dumps([columns, check.filter])


def rejects(check: Check, values: Iterable[Any]) -> bool:
    """Return whether a check rejects one of the values that a list allows: a number, or no text."""
    known = function_of(check.function)
    if known.refuses_empty:
        trim = bool(check.arguments.get("trim_strings"))
        return any(_is_empty(value, trim) for value in values)
    # A bound of an area, say, is none of the values themselves.
    names = ("", "") if known.of else (known.low, known.high)
    low, high = map(check.arguments.get, names)
    return any(
        (_is_number(low) and value < low) or (_is_number(high) and value > high)
        for value in values
        if _is_number(value)
    )


def _is_empty(value: Any, trim: bool) -> bool:
    text = plain(value)
    return not (text.strip(" ") if trim else text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
