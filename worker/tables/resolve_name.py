"""What a contract's `physical_name` may name: a table of a catalog, or a file below a root.

The editor of a contract chooses the name and the worker reads with its own rights, so
everything that is not plainly one of the two is refused.
"""

import re
import threading
from collections.abc import Iterable
from fnmatch import fnmatchcase

from worker.tables import errors
from worker.tables.allowed_files import resolve_file
from worker.tables.options import TableOptions
from worker.tables.table_types import CatalogTable, Table
from worker.telemetry.text import NAME_LIMIT, bounded

__all__ = ["resolve_table"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PART = re.compile(r"`((?:[^`]|``)+)`|([\w-]+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAX_PARTS = 3
_FILE_PARTS = 2
# Spark reads `format.`path`` as a file, whatever catalog there is.
_FILE_SOURCES = frozenset(
    {"avro", "binaryfile", "csv", "delta", "json", "libsvm", "orc", "parquet", "text", "xml"}
)


def resolve_table(physical_name: str, options: TableOptions, stopped: threading.Event) -> Table:
    """Return the table that `physical_name` names. Blocks, for a path, on its file system.

    Gives up when `stopped`. Raises `TableError` when it names none, or one that may not be
    profiled, and `TableUnavailable` if the file system fails.
    """
    name = physical_name.strip()
    if _CONTROL.search(name):
        raise errors.control_characters(_shown(name))
    if "`" not in name:
        if _URL.match(name):
            raise errors.url(_shown(name))
        if "/" in name or name.lower().endswith((".csv", ".csv.gz", ".parquet")):
            return resolve_file(name, _shown(name), options, stopped)
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


def _shown(name: str) -> str:
    """The name for a message: on one line, not longer than it helps."""
    return bounded("".join(char if char.isprintable() else "?" for char in name), NAME_LIMIT)
