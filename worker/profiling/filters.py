"""Which filters a request may have: conditions on a row's own values, nothing that reaches out.

A filter is SQL that Spark runs with the worker's rights. Subqueries read other tables, and some
functions call Java, or read files or secrets: what is not known to look at the row alone is
refused.
"""

import re

__all__ = ["FilterRefused", "check_filter", "names_and_values"]

_MAX_FILTER = 2_000
_TOKENS = re.compile(
    r"""(?P<skipped>'[^']*'|"[^"]*"|`(?:[^`]|``)*`|\d[\w.]*|\s+)"""
    r"""|(?P<call>[^\W\d]\w*)\s*\(|(?P<word>[^\W\d]\w*)|(?P<sign><=>|[-+*/%=<>!&|.,()\[\]]|::)""",
    re.DOTALL,
)
_COMMENT = ("--", "/*")
_QUOTES = frozenset("`\"'")
_CALLED = """
    abs and array_contains between case cast ceil ceiling char_length coalesce concat contains
    current_date current_timestamp date date_add date_format date_sub date_trunc datediff day
    dayofweek decimal endswith floor greatest hour if ifnull in instr int isnan isnotnull isnull
    least left length like lower ltrim make_date minute mod month not nullif nvl or position
    quarter regexp_like replace right rlike round rtrim second size startswith string substr
    substring then timestamp to_date to_timestamp trim trunc try_cast upper varchar weekday when
    year
"""
_REFUSED = """
    select from table values with exists lateral map reduce transform using union intersect except
    into insert update delete drop create alter
"""
_MAY_BE_CALLED, _MAY_NOT_BE = frozenset(_CALLED.split()), frozenset(_REFUSED.split())


class FilterRefused(ValueError):
    """The filter is not one that a request may have; the message says why."""


def check_filter(text: str) -> None:
    """Raise `FilterRefused` where a filter could look at more than its row."""
    if not text.strip() or len(text) > _MAX_FILTER:
        raise FilterRefused(f"expected a condition of at most {_MAX_FILTER} characters")
    # What one means in a text depends on the text's prefix and on the session's settings.
    if (place := text.find("\\")) >= 0:
        raise FilterRefused(f"a backslash (character {place + 1}) is not allowed in a filter")
    position = 0
    while position < len(text):
        match = _TOKENS.match(text, position)
        if match is None or text.startswith(_COMMENT, position):
            raise FilterRefused(f"{text[position]!r} at character {position + 1} is not allowed")
        called, word = (match["call"] or "").lower(), (match["word"] or "").lower()
        if (called and called not in _MAY_BE_CALLED) or word in _MAY_NOT_BE:
            raise FilterRefused(f"{called or word!r} is not allowed in a filter")
        position = match.end()
        # Functions may be called by quoted names, too.
        if (match["skipped"] or "")[-1:] in _QUOTES and text[position:].lstrip().startswith("("):
            raise FilterRefused(f"a quoted name can't be called (character {position + 1})")


def names_and_values(text: str) -> tuple[set[str], set[str]]:
    """Return what a filter that may be had names, case-folded, and the values that it holds."""
    names: set[str] = set()
    values: set[str] = set()
    for match in _TOKENS.finditer(text):
        skipped = match["skipped"] or ""
        if skipped.startswith("`"):
            names.add(skipped[1:-1].replace("``", "`").casefold())
        elif skipped.strip():
            values.add(skipped)
            if skipped[0].isdigit():
                # So may a name begin.
                names.add(skipped.casefold())
        elif match["word"]:
            names.add(match["word"].casefold())
    return names, values
