"""What people decided before about a rule, in words, and why it is suggested again."""

import math

from worker.checks.catalogue import function_of
from worker.checks.words import rule_text
from worker.counting.check import COLUMN_ARGUMENTS, Check, Passed
from worker.profiling.results import Evidence
from worker.suggestions.bound_shift import moved
from worker.suggestions.existing_checks import Past, Rule

__all__ = ["decided_before"]

_MAX_VERSION = 40


def decided_before(check: Check, past: Past, evidence: Evidence, before: Evidence) -> str | None:
    """Return what people decided; None if they decided nothing.

    `before` is the evidence for the rule that the check changes or that was rejected, on the rows
    of `evidence`.
    """
    said = [_again(past.again), _differs(check, past, evidence, before)]
    return " ".join(one for one in said if one) or None


def _again(accepted: Rule | None) -> str | None:
    if accepted is None:
        return None
    if accepted.version is None:
        return "Accepted before; the contract no longer has it."
    return f"Accepted in version {_short(accepted.version)} of this contract."


def _differs(check: Check, past: Past, evidence: Evidence, before: Evidence) -> str | None:
    if past.changes is not None:
        rule, version = _rule(past.changes.check, check), past.changes.version
        flags = _flags(before)
        if version is None:
            return f"Changes the accepted rule: {rule}. {flags}"
        accepted = f"rule accepted in version {_short(version)} of this contract"
        return f"Changes the {accepted}: {rule}. {flags}"
    if past.rejected is not None and past.again is None:
        changed = _changed(check, past.rejected, evidence, before)
        return f"Differs from a rule that was rejected: {_rule(past.rejected, check)}. {changed}"
    return None


def _flags(before: Evidence) -> str:
    looked_at, others = before.looked_at, before.others
    if looked_at is None:
        return "The accepted rule was not tried."
    if others is None or not others.rows:
        return f"The accepted rule flags {_failing(looked_at)} looked at."
    held_out = f"{_number(others)} of {others.rows:,} held out"
    return f"The accepted rule flags {_failing(looked_at)} looked at and {held_out}."


def _failing(passed: Passed) -> str:
    return f"{_number(passed)} of {passed.rows:,} row" + ("" if passed.rows == 1 else "s")


def _number(passed: Passed) -> str:
    return f"{passed.rows - passed.passing:,}" if passed.passing < passed.rows else "none"


def _changed(check: Check, rejected: Check, evidence: Evidence, before: Evidence) -> str:
    """Return how the subject of a rejected rule has changed: a bound, or a share of rows."""
    distance = moved(check, rejected)
    if distance is None:
        then, now = f"{before.failing:,.1%}", f"{evidence.failing:,.1%}"
        return (
            f"Of the rows that were tried {then} fail the rejected rule, and {now} fail this one."
        )
    if math.isinf(distance):
        return "The rejected rule allowed a single value."
    return f"Since then a bound has moved by {distance:,.1%} of the width of that range."


def _short(version: str) -> str:
    text = "".join(character if character.isprintable() else " " for character in version)
    return text if len(text) <= _MAX_VERSION else text[: _MAX_VERSION - 1] + "…"


def _rule(before: Check, check: Check) -> str:
    """Return the rule of a check before this one, with what else of it is different."""
    rule = rule_text(before)
    if rule != rule_text(check):
        return rule
    names = sorted((before.arguments.keys() | check.arguments.keys()).difference(COLUMN_ARGUMENTS))
    then, now = (
        {name: one.arguments.get(name, function_of(one.function).default(name)) for name in names}
        for one in (before, check)
    )
    return ", ".join([rule, *(_was(name, then[name]) for name in names if then[name] != now[name])])


def _was(name: str, value: object) -> str:
    return f"{name} had others" if isinstance(value, list) else f"{name} was {value}"
