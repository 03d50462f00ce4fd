"""What a contract's `physical_name` may name: a table of a catalog, or a file below a root.

Whoever edits a contract chooses the name and the worker reads with its own rights, so
everything that is not plainly one of the two is refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from worker.profiling.errors import TableError
from worker.profiling.options import EngineKind, ProfilingOptions

__all__ = ["CatalogTable", "FileFormat", "FileTable", "Table", "resolve_table"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PART = re.compile(r"`((?:[^`]|``)+)`|([\w-]+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAX_PARTS = 3
_FILE_PARTS = 2
_MAX_SHOWN = 200
# Spark reads `format.`path`` as a file, whatever catalog there is.
_FILE_SOURCES = frozenset(
    {"avro", "binaryfile", "csv", "delta", "json", "libsvm", "orc", "parquet", "text", "xml"}
)


class FileFormat(StrEnum):
    """The formats of files, by the name of Spark's reader."""

    PARQUET = "parquet"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table by its parts: catalog, schema and table, or the last ones of these."""

    parts: tuple[str, ...]

    @property
    def quoted(self) -> str:
        """The name with every part in back-quotes, as Spark reads it."""
        return ".".join("`" + part.replace("`", "``") + "`" for part in self.parts)

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class FileTable:
    """A file, or a folder of parquet files, that lies below a configured root."""

    path: Path
    format: FileFormat

    def __str__(self) -> str:
        return str(self.path)


Table = CatalogTable | FileTable


def resolve_table(physical_name: str, options: ProfilingOptions) -> Table:
    """Return the table that `physical_name` names.

    Raises `TableError` when it names none, or one that may not be profiled.
    """
    name = physical_name.strip()
    if _CONTROL.search(name):
        raise TableError(f"table {_shown(name)} holds control characters")
    if "`" not in name:
        if _URL.match(name):
            raise TableError(
                f"{_shown(name)} is a URL: only tables of a catalog and files below "
                "DQX_WORKER_ROOTS may be profiled"
            )
        if "/" in name or name.lower().endswith((".csv", ".csv.gz", ".parquet")):
            return _file_table(name, options)
    return _catalog_table(name, options.tables)


def _catalog_table(name: str, patterns: Iterable[str]) -> CatalogTable:
    parts = _split(name)
    folded = [part.lower() for part in parts]
    if len(parts) == _FILE_PARTS and (folded[0] in _FILE_SOURCES or "/" in parts[1]):
        raise TableError(f"{_shown(name)} reads a file through SQL: that is not allowed")
    if folded[0] == "system" or "information_schema" in folded:
        raise TableError(f"table {_shown(name)} belongs to the system and is never profiled")
    if not any(_matches(folded, pattern) for pattern in patterns):
        raise TableError(
            f"table {_shown(name)} may not be profiled: DQX_WORKER_TABLES allows "
            f"{', '.join(patterns) or 'none'}"
            + ("" if len(parts) == _MAX_PARTS else "; give its full name, catalog.schema.table")
        )
    return CatalogTable(tuple(parts))


def _split(name: str) -> list[str]:
    parts: list[str] = []
    position = 0
    while True:
        match = _PART.match(name, position)
        if not match:
            break
        parts.append(match[1].replace("``", "`") if match[1] else match[2])
        position = match.end()
        if position == len(name) and len(parts) <= _MAX_PARTS:
            return parts
        if name[position : position + 1] != ".":
            break
        position += 1
    raise TableError(
        f"{_shown(name)} is not the name of a table: expected catalog.schema.table, with "
        "parts that hold blanks or signs in back-quotes"
    )


def _matches(parts: list[str], pattern: str) -> bool:
    if pattern == "*":
        return True
    wanted = pattern.lower().split(".")
    return len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted))


def _file_table(name: str, options: ProfilingOptions) -> FileTable:
    if options.engine is not EngineKind.LOCAL:
        raise TableError(f"{_shown(name)} is a path: only the local engine reads files")
    if not options.roots:
        raise TableError(
            f"{_shown(name)} is a path, and no folder is open to the worker: set DQX_WORKER_ROOTS"
        )
    roots = [root.resolve() for root in options.roots]
    try:
        path = _existing(name, roots)
        files = _files(path) if path.is_dir() else [path]
    # A loop of links (RuntimeError before Python 3.13), a name that is too long, no permission.
    except (OSError, RuntimeError) as error:
        raise TableError(f"the path {_shown(name)} can't be followed") from error
    if not all(_below(file, roots) for file in files):
        raise _outside(name)
    if path.is_dir():
        if not any(file.suffix == ".parquet" for file in files):
            raise TableError(f"folder {_shown(name)} holds no parquet file")
        return FileTable(path, FileFormat.PARQUET)
    lower = path.name.lower()
    if lower.endswith(".parquet"):
        return FileTable(path, FileFormat.PARQUET)
    if lower.endswith((".csv", ".csv.gz")):
        return FileTable(path, FileFormat.CSV)
    raise TableError(f"file {_shown(name)} is neither parquet (.parquet) nor CSV (.csv)")


def _existing(name: str, roots: list[Path]) -> Path:
    """Return the resolved path of `name`, and tell nothing of what lies outside the roots."""
    candidates = [Path(name)] if Path(name).is_absolute() else [root / name for root in roots]
    resolved = [candidate.resolve() for candidate in candidates]
    allowed = [path for path in resolved if _below(path, roots)]
    if not allowed:
        raise _outside(name)
    for path in allowed:
        if path.exists():
            return path
    raise TableError(f"file {_shown(name)} was not found")


def _files(folder: Path) -> list[Path]:
    """Return all that lies in `folder`, every link resolved and followed."""
    found: list[Path] = []
    folders, seen = [folder], {folder}
    while folders:
        for entry in folders.pop().iterdir():
            target = entry.resolve()
            found.append(target)
            if target.is_dir() and target not in seen:
                seen.add(target)
                folders.append(target)
    return found


def _outside(name: str) -> TableError:
    return TableError(f"{_shown(name)} lies outside the folders of DQX_WORKER_ROOTS")


def _below(path: Path, roots: list[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)


def _shown(name: str) -> str:
    """The name for a message: on one line, not longer than it helps."""
    printable = "".join(char if char.isprintable() else "?" for char in name)
    return printable if len(printable) <= _MAX_SHOWN else printable[: _MAX_SHOWN - 1] + "…"
