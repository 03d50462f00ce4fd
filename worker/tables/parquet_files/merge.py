"""One list of columns for files that may differ: those that some lack, and types that differ."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from worker.tables import file_errors
from worker.tables.parquet_files.columns import Column, settled

__all__ = ["Merged", "merge"]


@dataclass(frozen=True, slots=True)
class Merged:
    """The columns of all files, in the order in which they are met."""

    columns: Mapping[str, pa.DataType]
    """Those that can be read, each with the type that holds the values of all files."""
    unread: Mapping[str, str]
    """The others, each with the reason."""
    lacking: Mapping[str, int]
    """Columns that some files lack, with the number of these files."""
    widened: Mapping[str, str]
    """Columns whose type differs between files, with what it is there."""
    names: Mapping[str, str]
    """By each name in a file the column's name here: it may be spelled in another case there."""


def merge(files: Mapping[Path, Sequence[Column]]) -> Merged:
    """Return the columns of files that together are a table.

    Names that differ in case only are one column, unless a file has both.
    """
    names = _names(files.values())
    met: dict[str, list[tuple[Path, Column]]] = {}
    for path, of_file in files.items():
        for column in of_file:
            met.setdefault(names[column.name], []).append((path, column))
    columns: dict[str, pa.DataType] = {}
    unread: dict[str, str] = {}
    widened: dict[str, str] = {}
    for name, having in met.items():
        reasons = [one.unread for _, one in having if one.unread is not None]
        if reasons:
            unread[name] = reasons[0]
            continue
        kinds = {settled(one.type): path for path, one in reversed(having)}
        try:
            columns[name] = _widest(list(kinds))
        except pa.ArrowException:
            unread[name] = file_errors.types_differ(_described(kinds))
            continue
        if len(kinds) > 1:
            widened[name] = _described(kinds)
    lacking = {name: len(files) - len(having) for name, having in met.items()}
    few = {name: number for name, number in lacking.items() if number}
    return Merged(columns, unread, few, widened, names)


def _names(files: Iterable[Sequence[Column]]) -> dict[str, str]:
    """Return by each name in a file the name that the column has in the table: the first one."""
    spelled: dict[str, dict[str, None]] = {}
    distinct: set[str] = set()
    for columns in files:
        in_file = Counter(one.name.casefold() for one in columns)
        distinct.update(name for name, number in in_file.items() if number > 1)
        for one in columns:
            spelled.setdefault(one.name.casefold(), {})[one.name] = None
    return {
        name: name if folded in distinct else next(iter(names))
        for folded, names in spelled.items()
        for name in names
    }


def _widest(kinds: Sequence[pa.DataType]) -> pa.DataType:
    """Return the type that holds all values; raises `pyarrow.ArrowException` if none does."""
    schemas = [pa.schema([("column", kind)]) for kind in kinds]
    return pa.unify_schemas(schemas, promote_options="permissive").field(0).type


def _described(kinds: Mapping[pa.DataType, Path]) -> str:
    return ", ".join(f"{kind} in {path.name}" for kind, path in kinds.items())
