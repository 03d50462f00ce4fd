"""The types that profiling ends in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.counting.check import Check, Passed
from worker.sampling.sample_facts import NOTHING_HIDDEN, Counted, Hidden, SampleFacts
from worker.tables.file_facts import FileFacts

__all__ = ["Candidate", "Evidence", "TableProfile", "Trial"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A check with the profile that it was made from."""

    check: Check
    profile: str
    """DQX's name of the profile, such as `min_max`."""
    column: str
    """The column's path: see `paths`. For most names that is what DQX writes."""
    description: str | None
    """What DQX says about the profile. May hold values of cells."""
    nans: int = 0
    """How many of the rows hold NaN in the column, which DQX's checks take for a value."""
    zoneless: bool = False
    """Whether the column's values are moments without a time zone (TIMESTAMP_NTZ)."""
    redrawn: bool = False
    """Whether it was made of other rows than the sample's: the table changed before they were read.
    """


@dataclass(frozen=True, slots=True)
class Trial:
    """A check that is tried on rows."""

    column: str
    """As a candidate's."""
    check: Check


@dataclass(frozen=True, slots=True)
class Evidence:
    """What became of a trial; None if the check was not tried on such rows."""

    looked_at: Passed | None = None
    """Of the rows that the check was made of."""
    others: Passed | None = None
    """Of other rows, drawn at random over the whole table."""
    others_cut: bool = False
    """Whether more of those were drawn than there is room for, and the last ones left out."""
    changed: bool = False
    """Whether the table returned other rows when it was read again: no row is held out for sure."""

    @property
    def failing(self) -> float:
        """The share of the rows that fail, of all that the check was tried on."""
        passed = [one for one in (self.looked_at, self.others) if one is not None]
        rows = sum(one.rows for one in passed)
        return sum(one.rows - one.passing for one in passed) / rows if rows else 0.0


@dataclass(frozen=True, slots=True)
class TableProfile:
    """All that is known of a table after it was profiled."""

    table: str
    columns: int
    sample: SampleFacts
    counted: Counted
    statistics: Mapping[str, Mapping[str, Any]]
    """DQX's summary statistics by the paths of columns, as DQX typed them."""
    profiles: int
    candidates: tuple[Candidate, ...]
    skipped_columns: Mapping[str, str]
    """The path of each column that was left out, with the reason."""
    file: FileFacts | None = None
    """How the table's files were read, if it is one of files."""
    hidden: Hidden = NOTHING_HIDDEN

    @property
    def paths(self) -> frozenset[str]:
        """The paths of the columns, those that were left out among them."""
        of_candidates = (one.column for one in self.candidates)
        return frozenset([*self.statistics, *self.skipped_columns, *of_candidates])
