"""The types that profiling ends in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.profiling.check import Check

__all__ = ["Candidate", "SampleFacts", "TableProfile"]


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """How the rows that were looked at were drawn. Counts are rows."""

    rows: int
    drawn: int
    """More than `rows` where those drawn were too large together."""
    of_rows: int
    whole: bool
    fraction: float | None
    limit: int
    seed: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A check with the profile that it was made from."""

    check: Check
    profile: str
    """DQX's name of the profile, such as `min_max`."""
    column: str
    """The column's path as DQX writes it: struct fields behind dots, nothing quoted."""
    description: str | None
    """What DQX says about the profile. May hold values of cells."""


@dataclass(frozen=True, slots=True)
class TableProfile:
    """All that is known of a table after it was profiled."""

    table: str
    columns: int
    sample: SampleFacts
    statistics: Mapping[str, Mapping[str, Any]]
    """DQX's summary statistics by column, as DQX typed them."""
    profiles: int
    candidates: tuple[Candidate, ...]
    skipped_columns: Mapping[str, str]
    """The path of each column that was left out, with the reason."""
