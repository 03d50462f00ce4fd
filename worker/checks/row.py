"""The row of suggested_quality_checks that a check becomes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from worker.checks import errors
from worker.checks.contradictions import allowed_values, place, rejects
from worker.checks.draft import Draft
from worker.checks.held_back import HeldBack, hold_back
from worker.checks.identity import canonical, subject
from worker.checks.implementation import implementation
from worker.checks.known import Known, Standing
from worker.checks.personal import NOTHING_PERSONAL, PersonalColumns
from worker.checks.rationale import rationale
from worker.checks.severity import criticality_of, severity_of
from worker.checks.words import check_name, describe, dimension, rule_text
from worker.profiling.profile import Evidence, SampleFacts

__all__ = ["SuggestionRow", "Suggestions", "suggest"]

_DECIDED: Mapping[Standing | None, Callable[[], str]] = {
    Standing.CONTRACT: errors.in_contract,
    Standing.ACCEPTED: errors.accepted_before,
    Standing.REJECTED: errors.rejected_before,
}


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """The columns that the worker fills; all others of the table stay NULL.

    `implementation` is the check as one line of JSON, in the form that DQX reads.
    """

    id: str
    property_name: str | None
    name: str
    description: str
    level: str
    dimension: str
    severity: str
    type: str
    rule: str
    engine: str
    implementation: str
    rationale: str


@dataclass(slots=True)
class Suggestions:
    """What is written, what is held back, and what goes."""

    rows: list[SuggestionRow] = field(default_factory=list)
    held_back: HeldBack = field(default_factory=dict)
    superseded: list[str] = field(default_factory=list)
    """Ids of pending suggestions that nobody should decide on any more."""


def suggest(
    drafts: Sequence[Draft],
    evidence: Mapping[str, Evidence],
    sample: SampleFacts,
    known: Known,
    *,
    held_back: Mapping[str, str] | None = None,
    personal: PersonalColumns = NOTHING_PERSONAL,
    contradictions: bool = False,
) -> Suggestions:
    """Return a row for each draft that is not decided; `evidence` is by the drafts' ids.

    `held_back` are the checks that did not become drafts; those that this function holds back
    follow them. With `contradictions` a rule stays beside a list with values that it rejects.
    Pending suggestions of earlier runs are superseded. Those that the run itself wrote before stay,
    unless they name values of a column that has become personal.
    """
    found = Suggestions(held_back=dict(held_back or {}), superseded=list(known.waiting))
    own = (one for suggested in known.own.values() for one in suggested)
    found.superseded += [id_ for id_, check in own if personal.publishes(check)]
    standing = {draft.id: known.standing(draft.check) for draft in drafts}
    allowed = allowed_values(rule.check for rule in known.rules.values())
    allowed |= allowed_values(
        draft.check for draft in drafts if standing[draft.id] is not Standing.REJECTED
    )
    for draft in drafts:
        check, about = draft.check, subject(draft.check)
        before = {canonical(one) for _, one in known.own.get(about, ())}
        if (reason := _DECIDED.get(standing[draft.id])) is not None:
            hold_back(found.held_back, check.name, reason())
        elif about in known.later:
            hold_back(found.held_back, check.name, errors.suggested_later())
        elif before and canonical(check) not in before:
            hold_back(found.held_back, check.name, errors.suggested_already())
        elif not contradictions and rejects(check, allowed.get(place(check), ())):
            hold_back(found.held_back, check.name, errors.rejects_listed_values())
        else:
            found.rows.append(_row_of(draft, evidence.get(draft.id, Evidence()), sample, known))
    return found


def _row_of(draft: Draft, evidence: Evidence, sample: SampleFacts, known: Known) -> SuggestionRow:
    """Return the row of a draft, with the severity of the rule that it repeats or changes."""
    past = known.past(draft.check)
    severity = past.severity or severity_of(draft.check.criticality)
    chosen = criticality_of(severity) or draft.check.criticality
    check = replace(draft.check, criticality=chosen)
    return SuggestionRow(
        id=draft.id,
        property_name=draft.property_name,
        name=check_name(check),
        description=describe(check.function),
        level=draft.level,
        dimension=dimension(check.function),
        severity=severity,
        type="custom",
        rule=rule_text(check),
        engine="dqx",
        implementation=implementation(check),
        rationale=rationale(draft.candidate, check, evidence, sample, past),
    )
