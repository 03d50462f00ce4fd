"""Which tables may be profiled, and how their files are read."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["CSV_NULLS", "TableOptions"]

CSV_NULLS = (
    *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
"""What pandas reads as null (3.0, `read_csv`)."""


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """The options of the room of tables."""

    tables: tuple[str, ...]
    """Patterns of table names that may be profiled, such as `main.sales.*`."""
    roots: tuple[Path, ...]
    """Folders below which files may be profiled."""
    files: bool = True
    """Whether the engine reads files of this machine: only `local` does."""
    max_files: int
    """Entries of a folder that is one table, those of the folders in it included."""
    csv_nulls: tuple[str, ...] = CSV_NULLS
    """Texts that mean null in a CSV file."""
