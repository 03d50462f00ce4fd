"""What the worker knows about one of DQX's check functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from worker.checks.catalogue.arguments import DEFAULTS, Arguments
from worker.checks.sentence import Sentence
from worker.counting.check import Check

__all__ = ["CUSTOM", "CheckFunction"]

CUSTOM = "passes a custom check"
"""The words if there are no better ones."""


@dataclass(frozen=True, slots=True)
class CheckFunction:
    """A check function: what it takes, what people read about it, what it does with values."""

    name: str
    dimension: str
    """One of the seven of ODCS."""
    words: str
    """What follows the column in a suggestion's name."""
    arguments: tuple[str, ...] = ("column",)
    """The names of all arguments, in DQX's order."""
    generated: bool = False
    """Whether DQX's generator can emit the function."""
    estimated: bool = False
    """Whether the worker suggests it of its own."""
    finding: str = ""
    """The dimension of a finding, if a value that breaks the check is a wrong one: `accuracy`."""

    description: str = ""
    """One sentence without values."""
    rule: Callable[[str, Arguments], Sentence] | None = None
    """Returns the rule about a column; without it the words and all arguments are the rule."""
    observed: Callable[[Arguments], str] | None = None
    """Returns what a check was made of; without it DQX's own description is shown."""
    of: str = ""
    """What comes before the column if the function is about a measure of it: `area of `."""
    negated: str = CUSTOM
    """The words if the argument `negate` is set."""
    shifted: str = ""
    """The words if the argument `offset` is set."""

    low: str = ""
    """The argument that is a lower bound of the measure or value."""
    high: str = ""
    """The argument that is an upper bound of the measure or value."""
    halves: Mapping[str, str] = field(default_factory=dict)
    """The functions that check one bound of a range alone, by the argument of that bound."""
    listed: str = ""
    """The argument that lists all values that DQX saw."""
    refuses_empty: bool = False
    """Whether an empty text fails."""
    passes_nan: bool = False
    """Whether NaN passes: it is not null, and it is greater than any number."""
    tolerates: bool = False
    """Whether an option of DQX's profiler decides how many of the rows may fail."""
    defaults: Arguments = field(default_factory=dict)
    """The defaults that differ from those of other functions."""

    def default(self, argument: str) -> Any:
        """Return DQX's own default of an argument; None if it has none."""
        return self.defaults.get(argument, DEFAULTS.get(argument))

    def check(self, column: str, /, **values: Any) -> Check:
        """Return a check of one column, or of what `values` have in its place.

        Raises `TypeError` for an argument that DQX lacks.
        """
        if unknown := values.keys() - set(self.arguments):
            raise TypeError(f"{self.name} takes no {', '.join(sorted(unknown))}")
        columns = {"columns": [column]} if "columns" in self.arguments else {"column": column}
        return Check(self.name, columns | values, f"{column} {self.name}", "error")
