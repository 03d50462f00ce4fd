"""A check in words: its name, the rule, its dimension and a description without values."""

from worker.checks.catalogue import known_of
from worker.checks.catalogue.check_function import CUSTOM
from worker.checks.column_names import columns_of, readable
from worker.checks.readable_values import shown
from worker.checks.sentence import Sentence, about
from worker.checks.shorten import at_the_end, in_the_middle, one_line
from worker.counting.check import COLUMN_ARGUMENTS, Check

__all__ = ["check_name", "describe", "dimension", "rule_text"]

_MAX_RULE = 200
_MAX_NAME = 40
_LEFT_FOR_FILTER = 80


def check_name(check: Check) -> str:
    """Return what a check asks of its column in at most 40 characters, without values.

    Several checks may have one name, so nothing may identify a check by it.
    """
    of, words = known_of(check).of, _words(check)
    column = in_the_middle(_columns(check), _MAX_NAME - len(of) - len(words) - 1)
    return one_line(f"{of}{column} {words}")


def rule_text(check: Check) -> str:
    """Return the rule in one line of at most 200 characters, the essentials in the first 44."""
    rule, column = known_of(check).rule, _columns(check)
    said = rule(column, check.arguments) if rule else _with_arguments(column, check)
    where = f" where {check.filter}" if check.filter else ""
    room = _MAX_RULE - len(said.essentials) - min(len(where), _LEFT_FOR_FILTER)
    return at_the_end(one_line(said.essentials + at_the_end(said.more, room) + where), _MAX_RULE)


def dimension(check: Check, *, finding: bool = False) -> str:
    """Return the ODCS dimension that a check, or a finding of it, belongs to.

    A value beyond a bound that most rows keep is an outlier, which is likely to be wrong.
    """
    known = known_of(check)
    return known.finding if finding and known.finding else known.dimension


def describe(check: Check) -> str:
    """Return one fixed sentence for a check; it never holds a value of a cell."""
    return known_of(check).description or f"The DQX check {check.function} must hold."


def _columns(check: Check) -> str:
    return ", ".join(map(readable, columns_of(check.arguments))) or "row"


def _words(check: Check) -> str:
    known = known_of(check)
    if check.arguments.get("negate"):
        return known.negated
    return known.shifted if known.shifted and check.arguments.get("offset") else known.words


def _with_arguments(column: str, check: Check) -> Sentence:
    given = [
        f"{name}={shown(value)}"
        for name, value in check.arguments.items()
        if value is not None and name not in COLUMN_ARGUMENTS and name != "negate"
    ]
    words = _words(check)
    if words == CUSTOM:
        given.insert(0, check.function)
    return about(column, words, f" ({', '.join(given)})" if given else "")
