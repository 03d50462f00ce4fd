"""Which filters a request may have: conditions on a row's own values, quickly decided.

A filter is SQL that Spark runs with the worker's rights, once for each row of a table. Subqueries
read other tables, and some functions call Java, or read files or secrets: what is not known to look
at the row alone is refused. So is what may take more time or memory than in proportion to a cell's
length: Spark can't interrupt an expression, and a task that never ends costs a JVM.
"""

from collections.abc import Sequence
from itertools import pairwise

from worker.row_filters import errors
from worker.row_filters.errors import FilterRefused
from worker.row_filters.functions import FUNCTIONS, check_call
from worker.row_filters.tokens import Kind, Token, tokens

__all__ = ["FilterRefused", "check_filter", "names_and_values"]

_MAX_FILTER = 2_000
_MAX_CALLS = 20
_MAX_DEPTH = 6
"""Spark repeats the argument of `nullif`, `right` and BETWEEN: each level may double it."""
_MAX_JOINED = 10
_MAX_WILDCARDS = 2
_BEFORE_BRACKETS = frozenset(
    ("and", "between", "case", "else", "in", "like", "not", "or", "then", "when")
)
_QUERY = """
    select from table values with exists lateral map reduce transform using union intersect except
    into insert update delete drop create alter collate
"""
_REGULAR = """
    rlike regexp regexp_like regexp_count regexp_extract regexp_extract_all regexp_instr
    regexp_replace regexp_substr ilike similar
"""
_REFUSED, _REGULAR_EXPRESSIONS = frozenset(_QUERY.split()), frozenset(_REGULAR.split())
_END = Token(Kind.SIGN, "", 0)
_AFTER_LIKE = frozenset(("", ")", ",", "and", "or", "then", "when", "else", "end"))
_OPENING, _CLOSING = ("(", "["), (")", "]")


def check_filter(text: str) -> None:
    """Raise `FilterRefused` if a filter could look at more than its row, or take very long."""
    if not text.strip() or len(text) > _MAX_FILTER:
        raise errors.not_a_condition(_MAX_FILTER)
    # The meaning of a backslash depends on the text's prefix and on the session's settings.
    if (place := text.find("\\")) >= 0:
        raise errors.backslash(place + 1)
    found = list(tokens(text))
    _check_likes(found)
    for before, token in pairwise([_END, *found]):
        _check_token(before, token)
    for token in found:
        if token.kind is Kind.NUMBER and not token.is_plain:
            raise errors.odd_number(repr(token.text))
    _check_amounts(found)
    _check_nesting(found)


def names_and_values(text: str) -> tuple[set[str], set[str]]:
    """Return what a filter that may be had names, case-folded, and the values that it holds."""
    names: set[str] = set()
    values: set[str] = set()
    for token in tokens(text):
        if token.text.startswith("`"):
            names.add(token.text[1:-1].replace("``", "`").casefold())
        elif token.kind in (Kind.TEXT, Kind.QUOTED, Kind.NUMBER):
            values.add(token.text)
            if token.kind is Kind.NUMBER:
                # So may a name begin.
                names.add(token.text.casefold())
        elif token.kind is Kind.WORD:
            names.add(token.text.casefold())
    return names, values


def _check_token(before: Token, token: Token) -> None:
    if token.word in _REGULAR_EXPRESSIONS:
        raise errors.regular_expression(repr(token.word))
    if token.word in _REFUSED or (_calls(token) and token.word not in FUNCTIONS):
        raise errors.word(repr(token.word))
    # `1db. fn(1)` is a function of a schema, too.
    if _calls(token) and before.text.endswith("."):
        raise errors.qualified_call(token.place)
    if token.text == "(" and before.kind in (Kind.QUOTED, Kind.NUMBER):
        raise errors.qualified_call(token.place)


def _calls(token: Token) -> bool:
    """Return whether a token begins a call of a function."""
    return token.kind is Kind.CALL and token.word not in _BEFORE_BRACKETS


def _check_likes(found: Sequence[Token]) -> None:
    for place, token in enumerate(found):
        if token.word != "like":
            continue
        pattern, after, _, after_escape = [*found[place + 1 : place + 5], *[_END] * 4][:4]
        if after.word == "escape":
            after = after_escape
        if (
            token.kind is not Kind.WORD
            or pattern.kind is not Kind.TEXT
            or pattern.text.count("%") > _MAX_WILDCARDS
            # Further operators would belong to the pattern.
            or (after.word or after.text) not in _AFTER_LIKE
        ):
            raise errors.like(_MAX_WILDCARDS)


def _check_amounts(found: Sequence[Token]) -> None:
    calls = sum(_calls(token) or token.word in ("like", "case") for token in found)
    if calls > _MAX_CALLS:
        raise errors.too_many_calls(_MAX_CALLS)
    for token, after in pairwise([*found, _END]):
        # Spark repeats the value of `CASE value WHEN` for each branch.
        if token.word == "case" and after.word != "when":
            raise errors.case_of_a_value()


def _check_nesting(found: Sequence[Token]) -> None:
    """Check how brackets are nested, and each call when its bracket is closed."""
    open_calls: list[tuple[str, list[list[Token]]]] = [("", [[]])]
    joined = sum(token.text == "||" for token in found)
    for token in found:
        called, arguments = open_calls[-1]
        if token.text in _CLOSING:
            if len(open_calls) == 1:
                raise errors.unbalanced(token.place)
            check_call(called, arguments)
            open_calls.pop()
        elif token.text == ",":
            arguments.append([])
            joined += called == "concat"
        else:
            arguments[-1].append(token)
            if token.kind is Kind.CALL or token.text in _OPENING:
                open_calls.append((token.word, [[]]))
                if len(open_calls) > _MAX_DEPTH + 1:
                    raise errors.too_deep(_MAX_DEPTH)
    if joined > _MAX_JOINED:
        raise errors.too_long_a_text(_MAX_JOINED)
