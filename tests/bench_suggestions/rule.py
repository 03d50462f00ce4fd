"""What a contender suggests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Flags", "Offer", "Rule"]

Flags = npt.NDArray[np.bool_]
"""A boolean for each row."""


@dataclass(frozen=True)
class Rule:
    """A DQX check as a contender suggests it."""

    column: str
    """The column's own name; of several columns the first."""
    metadata: Mapping[str, Any]
    """As `DQEngine` takes it; the name may be anything."""
    confidence: float | None = None
    """The estimated probability that no row of the next clean load is flagged."""
    offered: bool = True
    """Whether it is suggested; else it is a candidate that was held back."""
    finding: bool = False
    """Whether it is suggested because rows of the past break it: it never counts as a rule that
    holds."""

    @property
    def function(self) -> str:
        """The check function."""
        return str(self.metadata["check"]["function"])


@dataclass(frozen=True)
class Offer:
    """What a contender makes of a past."""

    rules: Sequence[Rule]
    looked_at: Flags
    """The rows of the past that it looked at."""
    profile_seconds: float
    beyond_seconds: float = 0.0
    """The time after the profile was there."""
