"""Paths of columns as text: the names of struct fields behind dots.

A name that holds a dot or a back-quote, or that is empty, is in back-quotes, and its own
back-quotes are doubled. All other names are written as they are.
"""

import re
from collections.abc import Sequence

__all__ = ["names_of", "path_of", "quoted"]

_QUOTED = re.compile(r"`((?:[^`]|``)*)`(?=\.|\Z)")


def path_of(names: Sequence[str]) -> str:
    """Return the path of a column; `names` go from the top-level column to the field."""
    return ".".join(
        quoted(name) if not name or "." in name or "`" in name else name for name in names
    )


def names_of(path: str) -> list[str]:
    """Return the names in a path."""
    names: list[str] = []
    begin = 0
    while True:
        if (match := _QUOTED.match(path, begin)) is not None:
            names.append(match[1].replace("``", "`"))
            end = match.end()
        else:
            found = path.find(".", begin)
            end = len(path) if found < 0 else found
            names.append(path[begin:end])
        if end == len(path):
            return names
        begin = end + 1


def quoted(name: str) -> str:
    """Return a name in back-quotes, as Spark reads it."""
    return "`" + name.replace("`", "``") + "`"
