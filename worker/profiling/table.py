"""What a contract's `physical_name` may name: a table of a catalog, or a file below a root.

Whoever edits a contract chooses the name and the worker reads with its own rights, so
everything that is not plainly one of the two is refused.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from worker.profiling import errors
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
        raise errors.control_characters(_shown(name))
    if "`" not in name:
        if _URL.match(name):
            raise errors.url(_shown(name))
        if "/" in name or name.lower().endswith((".csv", ".csv.gz", ".parquet")):
            return _file_table(name, options)
    return _catalog_table(name, options.tables)


def _catalog_table(name: str, patterns: Iterable[str]) -> CatalogTable:
    parts = _split(name)
    folded = [part.lower() for part in parts]
    if len(parts) == _FILE_PARTS and (folded[0] in _FILE_SOURCES or "/" in parts[1]):
        raise errors.file_through_sql(_shown(name))
    if folded[0] == "system" or "information_schema" in folded:
        raise errors.system_table(_shown(name))
    if not any(_matches(folded, pattern) for pattern in patterns):
        refuse = errors.not_allowed if len(parts) == _MAX_PARTS else errors.not_a_full_name
        raise refuse(_shown(name), ", ".join(patterns) or "none")
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
    raise errors.not_a_name(_shown(name))


def _matches(parts: list[str], pattern: str) -> bool:
    if pattern == "*":
        return True
    wanted = pattern.lower().split(".")
    return len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted))


def _file_table(name: str, options: ProfilingOptions) -> FileTable:
    if options.engine is not EngineKind.LOCAL:
        raise errors.path_elsewhere(_shown(name))
    if not options.roots:
        raise errors.no_roots(_shown(name))
    roots = [root.resolve() for root in options.roots]
    try:
        path = _existing(name, roots)
        files = _files(path, roots) if path.is_dir() else [path]
    except PermissionError as error:
        raise errors.no_permission(_shown(name)) from error
    # A loop of links (RuntimeError before Python 3.13), a name that is too long, no permission.
    except (OSError, RuntimeError) as error:
        raise errors.not_followed(_shown(name)) from error
    if not all(_below(file, roots) for file in files):
        raise errors.outside_roots(_shown(name))
    if not all(os.access(file, os.R_OK) for file in [path, *files]):
        raise errors.no_permission(_shown(name))
    if path.is_dir():
        if not any(file.is_file() and file.suffix.lower() == ".parquet" for file in files):
            raise errors.no_parquet(_shown(name))
        return FileTable(path, FileFormat.PARQUET)
    lower = path.name.lower()
    if lower.endswith(".parquet"):
        return FileTable(path, FileFormat.PARQUET)
    if lower.endswith((".csv", ".csv.gz")):
        return FileTable(path, FileFormat.CSV)
    raise errors.unknown_format(_shown(name))


def _existing(name: str, roots: list[Path]) -> Path:
    """Return the resolved path of `name`, and tell nothing of what lies outside the roots."""
    candidates = [Path(name)] if Path(name).is_absolute() else [root / name for root in roots]
    resolved = [candidate.resolve() for candidate in candidates]
    allowed = [path for path in resolved if _below(path, roots)]
    if not allowed:
        raise errors.outside_roots(_shown(name))
    for path in allowed:
        if path.exists():
            return path
    raise errors.not_found("file", _shown(name))


def _files(folder: Path, roots: list[Path]) -> list[Path]:
    """Return all that lies in `folder`, links resolved and followed, up to one that leads out."""
    found: list[Path] = []
    folders, seen = [folder], {folder}
    while folders:
        for entry in folders.pop().iterdir():
            target = entry.resolve()
            found.append(target)
            if not _below(target, roots):
                return found
            if target.is_dir() and target not in seen:
                seen.add(target)
                folders.append(target)
    return found


def _below(path: Path, roots: list[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)


def _shown(name: str) -> str:
    """The name for a message: on one line, not longer than it helps."""
    printable = "".join(char if char.isprintable() else "?" for char in name)
    return printable if len(printable) <= _MAX_SHOWN else printable[: _MAX_SHOWN - 1] + "…"
