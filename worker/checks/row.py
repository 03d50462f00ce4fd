"""The row of suggested_quality_checks that a check becomes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from worker.checks import errors
from worker.checks.draft import Draft
from worker.checks.identity import canonical, subject
from worker.checks.implementation import implementation
from worker.checks.known import Known
from worker.checks.rationale import rationale
from worker.checks.words import describe, dimension, rule_text
from worker.profiling.profile import Evidence, SampleFacts

__all__ = ["SuggestionRow", "Suggestions", "severity_of", "suggest"]

_SEVERITY = {"error": "error", "warn": "warning"}
_DECIDED = {
    "contract": errors.in_contract,
    "accepted": errors.accepted_before,
    "rejected": errors.rejected_before,
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
    held_back: dict[str, str] = field(default_factory=dict)
    """The reason, by the name of the check."""
    superseded: list[str] = field(default_factory=list)
    """Ids of pending suggestions of earlier runs, in whose place a row is written."""


def suggest(
    drafts: Iterable[Draft], evidence: Mapping[str, Evidence], sample: SampleFacts, known: Known
) -> Suggestions:
    """Return a row for each draft of which nothing is known; `evidence` is by the drafts' ids."""
    found = Suggestions()
    for draft in drafts:
        decided = known.has.get(canonical(draft.check))
        if decided is not None:
            found.held_back[draft.check.name] = _DECIDED[decided]()
            continue
        about = subject(draft.check)
        if about in known.later:
            found.held_back[draft.check.name] = errors.suggested_later()
            continue
        change = known.rules.get(about)
        found.rows.append(_row_of(draft, evidence.get(draft.id, Evidence()), sample, change))
        found.superseded += known.waiting.get(about, [])
    return found


def _row_of(
    draft: Draft, evidence: Evidence, sample: SampleFacts, change: str | None = None
) -> SuggestionRow:
    """Return the row of a draft."""
    check = draft.check
    return SuggestionRow(
        id=draft.id,
        property_name=draft.property_name,
        name=check.name,
        description=describe(check.function),
        level=draft.level,
        dimension=dimension(check.function),
        severity=severity_of(check.criticality),
        type="custom",
        rule=rule_text(check),
        engine="dqx",
        implementation=implementation(check),
        rationale=rationale(draft.candidate, check, evidence, sample, change),
    )


def severity_of(criticality: str) -> str:
    """Return the backend's word for a criticality."""
    return _SEVERITY.get(criticality, "error")
