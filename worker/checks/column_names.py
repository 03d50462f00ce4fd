"""Column names: as DQX's profiler writes them, as its check functions read them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from worker.checks.case_twins import NO_TWINS, Twins
from worker.checks.filled_share import column_of_share
from worker.checks.shorten import one_line
from worker.counting.check import COLUMN_ARGUMENTS
from worker.tables.column_paths import names_of, quoted

__all__ = ["PropertyNames", "as_argument", "columns_of", "readable", "segments"]

# What DQX 0.17 takes for SQL, in any segment, and then passes to Spark as it is
# (utils.py: SQL_EXPRESSION_STRUCTURE_PATTERN, SQL_EXPRESSION_OPERATOR_PATTERN).
_TAKEN_FOR_SQL = re.compile(r"""[()\[\]{},;'"`*\x00-\x1f]|[-+/%<>=!&|~^]\s|\s[-+/%<>=!&|~^]""")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BACK_QUOTED = re.compile(r"`(?:[^`]|``)+`")
_SEGMENT = re.compile(r"`((?:[^`]|``)+)`|([^.`]+)")
# Plain words that Spark's parser does not read as a column.
_WORDS = frozenset(
    {
        *("all", "and", "any", "array", "between", "both", "case", "cast", "collate", "cross"),
        *("current_catalog", "current_database", "current_date", "current_path", "current_schema"),
        *("current_time", "current_timestamp", "current_user", "date", "distinct", "else", "end"),
        *("escape", "exists", "extract", "false", "filter", "from", "group", "having", "in"),
        *("interval", "into", "is", "join", "lateral", "leading", "like", "limit"),
        *("localtimestamp", "natural", "not", "null", "on", "or", "order", "over", "overlay"),
        *("position", "select", "session_user", "set", "some", "struct", "substring", "table"),
        *("then", "time", "timestamp", "trailing", "true", "trim", "union", "unique", "unknown"),
        *("user", "using", "when", "where", "window", "with"),
    }
)


def as_argument(path: str) -> str:
    """Return a column's path as a check function's argument.

    A name is quoted only if DQX would read the bare name as something else, so most names stay as
    stock DQX writes them. If one is quoted, DQX quotes no other name of the path, so every name
    that is no plain identifier is quoted here.
    """
    parts = names_of(path)
    if not _TAKEN_FOR_SQL.search(path) and not any(part.lower() in _WORDS for part in parts):
        return path
    return ".".join(
        part if _IDENTIFIER.fullmatch(part) and part.lower() not in _WORDS else quoted(part)
        for part in parts
    )


def columns_of(arguments: Mapping[str, Any]) -> list[str]:
    """Return the column arguments among a check's arguments; the column of a filled share."""
    given: Any = next((arguments[name] for name in COLUMN_ARGUMENTS if arguments.get(name)), ())
    return [column_of_share(given) or given] if isinstance(given, str) else list(given)


def segments(argument: str) -> list[str]:
    """Return the unquoted segments of a column argument; the argument itself if it is SQL."""
    bare = _BACK_QUOTED.sub("", argument)
    if _TAKEN_FOR_SQL.search(bare):
        return [argument]
    parts: list[str] = []
    position = 0
    while match := _SEGMENT.match(argument, position):
        parts.append(match[1].replace("``", "`") if match[1] is not None else match[2])
        position = match.end()
        if position == len(argument):
            return parts
        if argument[position] != ".":
            break
        position += 1
    return [argument]


def readable(argument: str) -> str:
    """Return a column argument as people read it."""
    return one_line(".".join(segments(argument)))


class PropertyNames:
    """The names of a contract's top-level properties, to be found by column arguments."""

    def __init__(self, names: Iterable[str], twins: Twins = NO_TWINS) -> None:
        self._twins = twins
        self._exact = frozenset(names := tuple(names))
        self._by_folded: dict[str, str] = {}
        for name in names:
            self._by_folded.setdefault(self._compared(name), name)

    def meant_by(self, argument: str) -> str | None:
        """Return the contract's spelling of the property that a column argument means, or None.

        Exact before case-insensitive, and only exact if columns differ in case. A nested path is
        no property: its leaf's name may be another's.
        """
        parts = segments(argument)
        if len(parts) != 1:
            return None
        (name,) = parts
        return name if name in self._exact else self._by_folded.get(self._compared(name))

    def _compared(self, name: str) -> str:
        return self._twins.compared([name])[0]
