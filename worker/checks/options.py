"""Which checks become suggestions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from worker.checks.words import FUNCTIONS

__all__ = ["CheckOptions", "known_functions"]


_Names = TypeVar("_Names", bound=Iterable[str])


def known_functions(names: _Names) -> _Names:
    """Return names of check functions. Raises `ValueError` for one that DQX never suggests."""
    if unknown := sorted(set(names) - FUNCTIONS):
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(sorted(FUNCTIONS))}")
    return names


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """The options of the checks room."""

    criticality: str | None = None
    """`error` or `warn` for every check; None: DQX's own."""
    leave_out: frozenset[str] = frozenset()
    """Check functions that are not suggested."""
    contradictions: bool = False
    """Whether a range stays beside a list with values that it rejects, as with stock DQX."""
    min_rows: int = 30
    """Number of values below which a column gets no range and no list."""
    max_suggestions: int = 500
    """Of one table."""
    rejected_change: float = 0.1
    """The share by which something must have changed since a rule was rejected."""
