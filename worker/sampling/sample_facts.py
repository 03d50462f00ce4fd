"""How the rows of a sample were drawn, who counts them, and what is hidden of a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from worker.tables.column_paths import names_of

__all__ = ["NOTHING_HIDDEN", "Counted", "Counting", "Hidden", "SampleFacts", "Sampling"]


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
    """The share of the table that was drawn at random; None if nothing was."""
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
