"""A check in words: its name, the rule, its dimension and a description without values."""

import re
from collections.abc import Mapping

from worker.checks.column_names import columns_of
from worker.checks.readable_values import shown
from worker.checks.sentence import Sentence, about
from worker.checks.shorten import at_the_end, in_the_middle, one_line
from worker.checks.vocabulary import GENERATED, NEGATED, OTHERS, path
from worker.counting.check import COLUMN_ARGUMENTS, Check

__all__ = ["FUNCTIONS", "check_name", "describe", "dimension", "rule_text"]

_MAX_RULE = 200
_MAX_NAME = 40
_LEFT_FOR_FILTER = 80
_MAX_WORDS = 30
"""Characters; a name has room for some of its column beside them."""
_CUSTOM = "passes a custom check"

_DIMENSIONS_BY_NAME: Mapping[str, tuple[str, ...]] = {
    "timeliness": ("fresh", "future", "older", "time_window"),
    "consistency": ("foreign_key", "compare", "aggr_matches"),
    "completeness": ("null", "empty", "count"),
    "uniqueness": ("unique", "disjoint"),
    "conformity": ("valid", "regex", "list", "range", "schema", "json"),
}

FUNCTIONS = frozenset(GENERATED)
"""The check functions that DQX's generator can emit."""


def check_name(check: Check) -> str:
    """Return what a check asks of its column in at most 40 characters, without values.

    Several checks may have one name, so nothing may identify a check by it.
    """
    known = GENERATED.get(check.function)
    of, words = (known.of, known.name) if known else ("", _other_words(check))
    column = in_the_middle(_columns(check), _MAX_NAME - len(of) - len(words) - 1)
    return one_line(f"{of}{column} {words}")


def rule_text(check: Check) -> str:
    """Return the rule in one line of at most 200 characters, the essentials in the first 44."""
    known, column = GENERATED.get(check.function), _columns(check)
    said = known.rule(column, check.arguments) if known else _other(column, check)
    where = f" where {check.filter}" if check.filter else ""
    room = _MAX_RULE - len(said.essentials) - min(len(where), _LEFT_FOR_FILTER)
    return at_the_end(one_line(said.essentials + at_the_end(said.more, room) + where), _MAX_RULE)


def dimension(function: str) -> str:
    """Return the ODCS dimension that a check function belongs to."""
    words = GENERATED.get(function)
    if words:
        return words.dimension
    for found, parts in _DIMENSIONS_BY_NAME.items():
        if any(f"_{part}_" in f"_{function}_" for part in parts):
            return found
    return "accuracy"


def describe(function: str) -> str:
    """Return one fixed sentence for a check function; it never holds a value of a cell."""
    words = GENERATED.get(function)
    return words.description if words else f"The DQX check {function} must hold."


def _columns(check: Check) -> str:
    return ", ".join(map(path, columns_of(check.arguments))) or "row"


def _other(column: str, check: Check) -> Sentence:
    given = [
        f"{name}={shown(value)}"
        for name, value in check.arguments.items()
        if value is not None and name not in COLUMN_ARGUMENTS and name != "negate"
    ]
    words = _other_words(check)
    if words == _CUSTOM:
        given.insert(0, check.function)
    return about(column, words, f" ({', '.join(given)})" if given else "")


def _other_words(check: Check) -> str:
    if check.arguments.get("negate"):
        return NEGATED.get(check.function, _CUSTOM)
    words = OTHERS.get(check.function) or one_line(check.function.replace("_", " "))
    words = re.sub("^is valid ", "is a valid ", words)
    return words if 0 < len(words) <= _MAX_WORDS else _CUSTOM
