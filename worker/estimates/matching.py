"""Which texts match a pattern, in a form that Spark (Java) and Arrow (RE2) read alike."""

import re
from collections.abc import Callable

import pyarrow.compute as pc

from worker.kinds.column import Column, Flags

__all__ = ["escaped", "failing", "matches"]

_SPECIAL = re.compile(r"([\\.^$|?*+()\[\]{}\-&~#])")
_CONTROL = re.compile(r"[\0-\x1f\x7f-\xa0]")
"""Characters that nobody can read and a database may refuse."""


def escaped(text: str) -> str:
    """Return a text as a pattern that matches just this text."""
    return _CONTROL.sub(lambda one: f"\\x{{{ord(one[0]):02X}}}", _SPECIAL.sub(r"\\\1", text))


def matches(column: Column, pattern: str) -> Flags:
    """Return for each different value of a column of texts whether it matches."""
    if pattern not in column.kept:
        found = pc.match_substring_regex(column.different, pattern)
        column.kept[pattern] = found.to_numpy(zero_copy_only=False)
    flags: Flags = column.kept[pattern]
    return flags


def failing(pattern: str) -> Callable[[Column], Flags]:
    """Return what says which rows `regex_match` flags: null passes."""
    return lambda column: column.where(~matches(column, pattern))
