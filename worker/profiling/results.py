"""The types that profiling ends in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from worker.counting.check import Check, Passed
from worker.profiling.column_paths import names_of
from worker.tables.file_facts import FileFacts

__all__ = [
    "NOTHING_HIDDEN",
    "Candidate",
    "Counted",
    "Counting",
    "Evidence",
    "Hidden",
    "SampleFacts",
    "Sampling",
    "TableProfile",
    "Trial",
]


class Sampling(StrEnum):
    """How rows are drawn."""

    WHOLE = "whole"
    """All rows of the table."""
    STOCK = "stock"
    """DQX's way: the first rows, up to a limit, of a random part of the table."""
    REPRESENTATIVE = "representative"
    """A random part of the table, as large as the limit allows."""


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """How the rows that were looked at were drawn. Counts are rows."""

    rows: int
    of_rows: int
    sampling: Sampling
    fraction: float | None
    """The share of the table that was drawn at random; None where nothing was."""
    limit: int | None
    seed: int | None

    @property
    def whole(self) -> bool:
        """Whether all rows were looked at."""
        return self.sampling is Sampling.WHOLE


class Counting(StrEnum):
    """Who counted what DQX decided by."""

    FETCHED = "fetched"
    """This process, on rows that Spark handed over."""
    SPARK = "spark"
    """Spark, for all columns in a few passes."""
    STOCK = "stock"
    """DQX's own profiler, column by column."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Who counted, and why stock DQX did if it was not chosen."""

    by: Counting
    """Who counted all columns but those in `stock_columns`."""
    stock_because: str | None = None
    """Why stock DQX counted all columns."""
    stock_columns: Mapping[str, str] = field(default_factory=dict)
    """Top-level columns that stock DQX counted, each with the reason."""


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
    """What became of a trial; None where the check was not tried on such rows."""

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
class Hidden:
    """What the catalog does not show the worker of a table."""

    columns: frozenset[str] = frozenset()
    """Those that are masked, case-folded."""
    rows: bool = False
    """Whether a filter leaves out rows."""

    def __contains__(self, path: str) -> bool:
        """Return whether a column, or what it is a field of, is masked."""
        return names_of(path)[0].casefold() in self.columns


NOTHING_HIDDEN = Hidden()


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
