"""Whether a check with other values than a settled one is worth asking about.

A rule that the contract has stays settled while all rows that are tried pass it. A rule that was
rejected stays settled until its subject has really changed. So settled rules are tried, too.

What people wrote is tried only if its values are plain ones of the types that DQX chose for the
column: DQX takes other texts for SQL.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from worker.checks import errors
from worker.checks.draft import Draft
from worker.checks.identity import canonical
from worker.checks.known import Known
from worker.profiling.check import COLUMN_ARGUMENTS, Check
from worker.profiling.profile import Evidence, Passed

__all__ = ["Tried", "reason_to_wait", "restored", "to_try"]

_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_DECIMAL = re.compile(r"[+-]?\d{1,19}(\.\d{1,18})?BD")
# In the calendar of today, whatever reads it.
_TIME = re.compile(
    r"(1[6-9]|[2-9]\d)\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?"
)
_MOST = 2**63
_SWITCHES = frozenset({"allow_nulls", "case_sensitive", "trim_strings"})
_BOUNDS = ("min_limit", "max_limit")


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of the checks that were tried."""

    drafts: Mapping[str, Evidence] = field(default_factory=dict)
    """By the ids of the drafts."""
    settled: Mapping[str, Evidence] = field(default_factory=dict)
    """Of settled rules, by their canonical forms."""


def to_try(draft: Draft, known: Known) -> Iterator[tuple[str, Check]]:
    """Yield the settled rules that decide about a draft: canonical form, and what can be tried."""
    check = draft.check
    if known.standing(check) is not None:
        return
    for other in (known.settled(check), known.lost(check), *known.rejections(check)):
        if other is None:
            continue
        if (tried := _as_tried(check, other)) is not None:
            yield canonical(other), tried


def restored(draft: Draft, known: Known, tried: Tried) -> tuple[Draft, Evidence]:
    """Return what is suggested in the place of a draft, with its evidence.

    That is the rule that people accepted, if the contract lost it and no row breaks it.
    """
    own = tried.drafts.get(draft.id, Evidence())
    if known.standing(draft.check) is not None or (lost := known.lost(draft.check)) is None:
        return draft, own
    found = tried.settled.get(canonical(lost), Evidence())
    check = _as_tried(draft.check, lost)
    if check is None or found.looked_at is None or _breaks(found):
        return draft, own
    # No profile of these rows has made it.
    candidate = replace(draft.candidate, profile="", description=None)
    return replace(draft, id=known.id_of(check), check=check, candidate=candidate), found


def reason_to_wait(draft: Draft, known: Known, tried: Tried, share: float) -> str | None:
    """Return why a draft is held back for a settled rule of other values; None if it is not.

    `share` is what has to change about a rule that was rejected: of the width of a range, how far
    one of the bounds moved; of the rows, how many more break it than break the draft.
    """
    check = draft.check
    if known.standing(check) is not None:
        return None
    own = tried.drafts.get(draft.id, Evidence())
    if (rule := known.settled(check)) is not None:
        found = tried.settled.get(canonical(rule), Evidence())
        if found.looked_at is None:
            return errors.settled_untried()
        if not _breaks(found):
            return errors.settled_holds()
        # The new one is no better: it was cut at outliers, or rows beside the sample break both.
        moved = _moved(check, rule)
        if _breaks(own) and moved is not None and moved <= share:
            return errors.settled_holds()
    for other in known.rejections(check):
        found = tried.settled.get(canonical(other), Evidence())
        if not _differs(check, other, own, found, share):
            return errors.rejected_alike()
    return None


def _breaks(evidence: Evidence) -> bool:
    return any(one.passing < one.rows for one in _of(evidence))


def _of(evidence: Evidence) -> list[Passed]:
    return [one for one in (evidence.looked_at, evidence.others) if one is not None and one.rows]


def _differs(check: Check, other: Check, own: Evidence, found: Evidence, share: float) -> bool:
    """Return whether the subject of a settled rule has really changed."""
    moved = _moved(check, other)
    if moved is not None:
        return moved > share
    return _failing(found) - _failing(own) > share


def _failing(evidence: Evidence) -> float:
    passed = _of(evidence)
    rows = sum(one.rows for one in passed)
    return 1 - sum(one.passing for one in passed) / rows if rows else 0.0


def _moved(check: Check, other: Check) -> float | None:
    """Return how far a bound of a range moved, in widths of the `other` one; None without two."""
    then, now = _bounds(other), _bounds(check)
    if then is None or now is None:
        return None
    low, high = then
    if not (most := max(abs(now[0] - low), abs(now[1] - high))):
        return 0.0
    return float(most / (high - low)) if high > low else math.inf


def _bounds(check: Check) -> tuple[Decimal, Decimal] | None:
    low, high = (_number(check.arguments.get(name)) for name in _BOUNDS)
    return None if low is None or high is None else (low, high)


def _number(value: Any) -> Decimal | None:
    """Return a number, or a time as seconds."""
    match _kind(value):
        case "number":
            return Decimal(str(value).removesuffix("BD"))
        case "time":
            return _moment(value)
    return None


def _moment(text: str) -> Decimal | None:
    """Return the seconds since 1970; None if the calendar has no such day."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Decimal(str((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))


def _kind(value: Any) -> str | None:
    match value:
        case bool():
            return None
        case int() | float() | Decimal():
            return "number" if -_MOST < value < _MOST else None
        case str() if _DECIMAL.fullmatch(value):
            return "number"
        case str() if _TIME.fullmatch(value):
            return "time" if _moment(value) is not None else None
        case str() if _TEXT.fullmatch(value):
            return "text"
    return None


def _as_tried(check: Check, other: Check) -> Check | None:
    """Return `check` with the values of another of its subject; None if these can't be tried."""
    columns = {name: one for name, one in check.arguments.items() if name in COLUMN_ARGUMENTS}
    values = {name: one for name, one in other.arguments.items() if name not in COLUMN_ARGUMENTS}
    if not all(_is_like(name, one, check.arguments.get(name)) for name, one in values.items()):
        return None
    return replace(check, arguments=columns | values)


def _is_like(name: str, value: Any, chosen: Any) -> bool:
    """Return whether a value is one that DQX could have chosen for this column."""
    if name in _SWITCHES:
        return isinstance(value, bool)
    if value is None:
        return name in _BOUNDS
    if isinstance(chosen, Sequence) and not isinstance(chosen, str):
        kinds = {_kind(one) for one in chosen}
        return isinstance(value, list) and bool(value) and {_kind(one) for one in value} == kinds
    return (kind := _kind(value)) is not None and kind == _kind(chosen)
