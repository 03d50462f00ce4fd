"""Which checks become suggestions."""

from dataclasses import dataclass

__all__ = ["CheckOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """The options of the checks room."""

    criticality: str | None = None
    """`error` or `warn` for every check; None: DQX's own."""
    leave_out: frozenset[str] = frozenset()
    """Check functions that are not suggested."""
    contradictions: bool = False
    """Whether a range stays beside a list with values that it rejects, as with stock DQX."""
