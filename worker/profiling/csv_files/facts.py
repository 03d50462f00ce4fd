"""What is said about how CSV files were read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["CsvFacts"]


@dataclass(frozen=True, slots=True)
class CsvFacts:
    """How CSV files were read. Counts are rows, those of `nulls` cells."""

    files: int
    separators: tuple[str, ...]
    """The different ones of the files."""
    rows: int
    ragged_rows: int = 0
    """Rows of more or fewer fields than the header, which are left out."""
    first_ragged: str | None = None
    """Where the first of these is: the file's name, the row's number and fields."""
    nulls: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By column: each placeholder that was read as null, and how often."""
    named: Mapping[str, str] = field(default_factory=dict)
    """The names that the worker gave to columns, with the reason."""
    lacking: Mapping[str, int] = field(default_factory=dict)
    """Columns that some files lack, with the number of these files."""
