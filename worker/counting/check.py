"""A DQX rule as plain values, whatever shape DQX gave it, and how many rows pass it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["COLUMN_ARGUMENTS", "Check", "Passed"]

COLUMN_ARGUMENTS = ("column", "col_name", "columns", "col_names")
"""The arguments of check functions that hold columns."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check function with its arguments, as DQX's metadata writes it.

    `criticality` is "error" or "warn". Arguments hold what DQX's generator gave:
    numbers, `Decimal`, text, or lists of these.
    """

    function: str
    arguments: Mapping[str, Any]
    name: str
    criticality: str
    filter: str | None = None
    user_metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passed:
    """Of so many rows, so many pass a check as DQX applies it."""

    rows: int
    passing: int
