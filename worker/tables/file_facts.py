"""What is said about how the files of a table were read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["FileFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """How files were read."""

    format: str
    files: int
    empty_files: int = 0
    """Files without a byte, which are passed over."""
    other_files: int = 0
    """Files of other formats in the folder, which are passed over."""
    lacking: Mapping[str, int] = field(default_factory=dict)
    """Columns that some files lack, with the number of these files."""
    widened: Mapping[str, str] = field(default_factory=dict)
    """Columns whose type differs between files, with what it is there."""
    separators: tuple[str, ...] = ()
    """The different ones of CSV files."""
    ragged_rows: int = 0
    """Rows of more or fewer fields than the header, which are left out."""
    first_ragged: str | None = None
    """Where the first of these is: the file's name, and its fields."""
    nulls: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By column: each placeholder that was read as null, and how often."""
    named: Mapping[str, str] = field(default_factory=dict)
    """The names that the worker gave to columns, with the reason."""
