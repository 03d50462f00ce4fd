"""Patterns of texts that Spark (Java) and Arrow (RE2) read alike, and which texts match them."""

import re

import numpy as np
import pyarrow.compute as pc

from worker.suggestions.column import Column, Flags

__all__ = ["escaped", "failing_pattern", "matches"]

_SPECIAL = re.compile(r"([\\.^$|?*+()\[\]{}\-&~#])")


def escaped(text: str) -> str:
    """Return a text as a pattern that matches just this text."""
    return _SPECIAL.sub(r"\\\1", text)


def matches(column: Column, pattern: str) -> Flags:
    """Return for each different value of a column of texts whether it matches."""
    flags: Flags = pc.match_substring_regex(column.different, pattern).to_numpy(
        zero_copy_only=False
    )
    return flags


def failing_pattern(column: Column, pattern: str) -> Flags:
    """Return the rows that `regex_match` flags: null passes."""
    # The last place is that of a null.
    return np.append(~matches(column, pattern), False)[column.codes]  # noqa: FBT003
