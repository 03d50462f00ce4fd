"""The row of suggested_quality_checks that a draft becomes."""

from dataclasses import dataclass, replace

from worker.checks.implementation import implementation
from worker.checks.severity import criticality_of, severity_of
from worker.checks.words import check_name, describe, dimension, rule_text
from worker.judging.proposal import Judgement
from worker.profiling.results import Evidence
from worker.sampling.sample_facts import SampleFacts
from worker.suggestions.apply_judgement import confidence_text, criticality
from worker.suggestions.draft import Draft
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.rationale import rationale
from worker.suggestions.suggest_again import Tried

__all__ = ["SuggestionRow", "row_of"]


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
    confidence_score: str | None = None
    """From `0.00` to `1.00`; None of a finding, and if nothing was judged."""


def row_of(
    draft: Draft,
    tried: Tried,
    sample: SampleFacts,
    known: ExistingChecks,
    judgement: Judgement | None,
) -> SuggestionRow:
    """Return the row of a draft, with the severity of the rule that it repeats or changes."""
    past = known.past(draft.check)
    evidence = tried.drafts.get(draft.id, Evidence())
    before = tried.of(None if past.before is None else known.form(past.before))
    judged_as = criticality(draft.check.criticality, judgement, evidence)
    severity = past.severity or severity_of(judged_as)
    chosen = criticality_of(severity) or judged_as
    check = replace(draft.check, criticality=chosen)
    return SuggestionRow(
        id=draft.id,
        property_name=draft.property_name,
        name=check_name(check),
        description=describe(check),
        level=draft.level,
        dimension=dimension(check, finding=draft.is_finding),
        severity=severity,
        type="custom",
        rule=rule_text(check),
        engine="dqx",
        implementation=implementation(check),
        rationale=rationale(
            draft.candidate,
            check,
            evidence,
            sample,
            past=past,
            before=before,
            judgement=judgement,
            public=draft.public,
        ),
        confidence_score=confidence_text(judgement),
    )
