"""Whether a check with other values than a settled one is worth asking about.

A rule that the contract has stays settled while all rows that are tried pass it. A rule that was
rejected stays settled until its subject has really changed. So settled rules are tried, too.

What people wrote is tried only if its values are plain ones of the types that DQX chose for the
column: DQX takes other texts for SQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from worker.checks.catalogue.arguments import RANGE
from worker.checks.zoneless_moments import zoneless_literal, zoneless_moment
from worker.counting.check import COLUMN_ARGUMENTS, Check
from worker.profiling.results import Evidence
from worker.suggestions import errors
from worker.suggestions.bound_shift import kind, moment, moved
from worker.suggestions.draft import Draft
from worker.suggestions.existing_checks import ExistingChecks, Standing

__all__ = ["Tried", "reason_to_wait", "restored", "to_try"]

_DECIDED = frozenset({Standing.CONTRACT, Standing.ACCEPTED, Standing.REJECTED})
_SWITCHES = frozenset({"allow_nulls", "case_sensitive", "trim_strings"})


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of the checks that were tried."""

    drafts: Mapping[str, Evidence] = field(default_factory=dict)
    """By the ids of the drafts."""
    settled: Mapping[str, Evidence] = field(default_factory=dict)
    """Of settled rules, by their canonical forms."""

    def of(self, form: str | None) -> Evidence:
        """Return what became of the settled rule of a form; nothing if it was not tried."""
        return Evidence() if form is None else self.settled.get(form, Evidence())


def to_try(draft: Draft, known: ExistingChecks) -> Iterator[tuple[str, Check]]:
    """Yield the settled rules that decide about a draft: canonical form, and what can be tried."""
    check = draft.check
    if known.standing(check) in _DECIDED:
        return
    for other in (known.settled(check), known.lost(check), *known.rejections(check)):
        if other is None:
            continue
        if (tried := _as_tried(check, other)) is not None:
            yield known.form(other), tried


def restored(draft: Draft, known: ExistingChecks, tried: Tried) -> tuple[Draft, Evidence]:
    """Return what is suggested in the place of a draft, with its evidence.

    That is the rule that people accepted, if the contract lost it and no row breaks it.
    """
    own = tried.drafts.get(draft.id, Evidence())
    if known.standing(draft.check) is not None or (lost := known.lost(draft.check)) is None:
        return draft, own
    found = tried.of(known.form(lost))
    check = _as_tried(draft.check, lost)
    if check is None or found.looked_at is None or found.failing:
        return draft, own
    # No profile of these rows has made it.
    candidate = replace(draft.candidate, check=check, profile="", description=None)
    proposal = draft.proposal and replace(
        draft.proposal, candidate=candidate, reason="", random=None, in_order=None, examples=()
    )
    id_ = known.id_of(check)
    return replace(draft, id=id_, check=check, candidate=candidate, proposal=proposal), found


def reason_to_wait(draft: Draft, known: ExistingChecks, tried: Tried, share: float) -> str | None:
    """Return why a draft is held back for a settled rule of other values; None if it is not.

    `share` is what has to change about a rule that was rejected: of the width of a range, how far
    one of the bounds moved; of the rows, how many more break it than break the draft.
    """
    check = draft.check
    if known.standing(check) is not None:
        return None
    own = tried.drafts.get(draft.id, Evidence())
    if (rule := known.settled(check)) is not None:
        found = tried.of(known.form(rule))
        if found.looked_at is None:
            return errors.settled_untried()
        if not found.failing:
            return errors.settled_holds()
        # The new one is no better: it was cut at outliers, or rows beside the sample break both.
        distance = moved(check, rule)
        if own.failing and distance is not None and distance <= share:
            return errors.settled_holds()
    for other in known.rejections(check):
        found = tried.of(known.form(other))
        if not _differs(check, other, own, found, share):
            return errors.rejected_alike()
    return None


def _differs(check: Check, other: Check, own: Evidence, found: Evidence, share: float) -> bool:
    """Return whether the subject of a settled rule has really changed."""
    distance = moved(check, other)
    if distance is not None:
        return distance > share
    return found.failing - own.failing > share


def _as_tried(check: Check, other: Check) -> Check | None:
    """Return `check` with the values of another of its subject; None if these can't be tried."""
    columns = {name: one for name, one in check.arguments.items() if name in COLUMN_ARGUMENTS}
    values = {name: one for name, one in other.arguments.items() if name not in COLUMN_ARGUMENTS}
    chosen = check.arguments
    if not all(_is_like(name, one, chosen.get(name)) for name, one in values.items()):
        return None
    spelled = {name: _spelled(one, chosen.get(name)) for name, one in values.items()}
    return replace(check, arguments=columns | spelled)


def _is_like(name: str, value: Any, chosen: Any) -> bool:
    """Return whether a value is one that DQX could have chosen for this column."""
    if name in _SWITCHES:
        return isinstance(value, bool)
    if value is None:
        return name in RANGE
    if isinstance(chosen, Sequence) and not isinstance(chosen, str):
        kinds = {kind(one) for one in chosen}
        return isinstance(value, list) and bool(value) and {kind(one) for one in value} == kinds
    return (found := kind(value)) is not None and found == kind(chosen)


def _spelled(value: Any, chosen: Any) -> Any:
    """Return a moment as the column's type needs it: earlier versions had none without a zone."""
    if not isinstance(value, str) or not isinstance(chosen, str) or not zoneless_moment(chosen):
        return value
    found = moment(value)
    return value if found is None else zoneless_literal(found)
