"""Which files of a folder are the table: its parts, and what lies beside them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from worker.tables import file_errors
from worker.tables.table_types import FileFormat, file_format

__all__ = ["Parts", "parts_of"]

_HIDDEN = (".", "_")


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of a table in their order by name, and how many others are passed over."""

    format: FileFormat
    files: tuple[Path, ...]
    empty: int
    """Files without a byte."""
    others: int
    """Files of other formats, such as a README."""


def parts_of(folder: Path, found: Iterable[tuple[Path, int]], shown: str) -> Parts:
    """Return the parts among the files that were `found` in a folder, with their sizes in bytes.

    Files and folders whose names begin with a dot or an underline are hidden, as for Spark. Raises
    `TableError` for a folder that is a table of a table format, or that holds no parts.
    """
    by_format: dict[FileFormat, list[Path]] = {}
    empty = others = hidden = 0
    for path, size in found:
        # What a link leads to lies elsewhere.
        relative = path.relative_to(folder if path.is_relative_to(folder) else path.parent)
        if (name := _table_format(relative)) is not None:
            raise file_errors.table_format(shown, name)
        if any(_is_hidden(part) for part in relative.parts):
            hidden += 1
        elif (kind := file_format(path)) is None:
            others += 1
        elif not size:
            empty += 1
        else:
            by_format.setdefault(kind, []).append(path)
    if len(by_format) > 1:
        raise file_errors.mixed_formats(shown)
    for kind, files in by_format.items():
        # Two names of one file, by a link, are one file.
        return Parts(kind, tuple(sorted(set(files))), empty, others)
    raise file_errors.no_parts(shown, empty, hidden, others)


def _is_hidden(name: str) -> bool:
    # A folder for a value of a column is not, whatever the column's name begins with.
    return name.startswith(_HIDDEN) and "=" not in name


def _table_format(path: PurePath) -> str | None:
    """Return the table format that a file belongs to: its log says which rows there are."""
    if "_delta_log" in path.parts:
        return "Delta Lake"
    if ".hoodie" in path.parts:
        return "Hudi"
    if path.name.endswith(".metadata.json") and path.parent.name == "metadata":
        return "Iceberg"
    return None
