"""A table as the engine reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.tables.footers import Footers

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """A table's rows, unread, and what is known of its columns before they are."""

    frame: "DataFrame"
    rows: int | None = None
    """How many there are; None if it takes Spark to count them."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Columns that the engine can't read, each with the reason; the frame lacks them."""
    lacking: Mapping[str, int] = field(default_factory=dict)
    """Columns that some files lack, with the number of these files."""
    widened: Mapping[str, str] = field(default_factory=dict)
    """Columns whose type differs between files, with what it is there."""
    footers: Footers | None = None
    """Those of parquet files that alone, and all alike, are the frame."""
