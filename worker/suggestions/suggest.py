"""The row of suggested_quality_checks that a check becomes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from worker.checks.implementation import implementation
from worker.checks.personal_data import NOTHING_PERSONAL, PersonalColumns
from worker.checks.severity import criticality_of, severity_of
from worker.checks.words import check_name, describe, dimension, rule_text
from worker.judging.errors import below_confidence
from worker.judging.proposal import Judgement
from worker.profiling.results import Evidence
from worker.sampling.sample_facts import SampleFacts
from worker.suggestions import errors
from worker.suggestions.apply_judgement import confidence_text, criticality, judged
from worker.suggestions.contradictions import allowed_values, place, rejects
from worker.suggestions.distribution import Distribution
from worker.suggestions.draft import Draft
from worker.suggestions.evidence_facts import Facts, facts_of
from worker.suggestions.existing_checks import ExistingChecks, Standing
from worker.suggestions.held_back import HeldBack, hold_back
from worker.suggestions.options import CheckOptions
from worker.suggestions.rationale import rationale
from worker.suggestions.refuted_by_sample import refutation
from worker.suggestions.suggest_again import Tried, reason_to_wait, restored
from worker.suggestions.suggestion_limit import over_limit

__all__ = ["SuggestionRow", "Suggestions", "suggest"]

_DECIDED: Mapping[Standing | None, Callable[[], str]] = {
    Standing.CONTRACT: errors.in_contract,
    Standing.ACCEPTED: errors.accepted_before,
    Standing.REJECTED: errors.rejected_before,
}

_DOES_NOT_COUNT = frozenset(
    {errors.rejected_before(), errors.rejected_alike(), errors.refuted_by_blanks()}
)
_ALL_DEFAULTS = CheckOptions()
_NO_DISTRIBUTIONS: Mapping[str, Distribution] = {}


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


@dataclass(slots=True)
class Suggestions:
    """What is written, what is held back, and what goes."""

    rows: list[SuggestionRow] = field(default_factory=list)
    held_back: HeldBack = field(default_factory=dict)
    superseded: list[str] = field(default_factory=list)
    """Ids of pending suggestions that are to be removed."""
    evidence: dict[str, Facts] = field(default_factory=dict)
    """For the rows, by their ids."""


def suggest(
    drafts: Sequence[Draft],
    tried: Tried,
    sample: SampleFacts,
    known: ExistingChecks,
    *,
    held_back: Mapping[str, str] | None = None,
    personal: PersonalColumns = NOTHING_PERSONAL,
    options: CheckOptions = _ALL_DEFAULTS,
    distributions: Mapping[str, Distribution] = _NO_DISTRIBUTIONS,
) -> Suggestions:
    """Return a row for each draft that is not decided.

    `held_back` are the checks that did not become drafts; those that this function holds back
    follow them. Pending suggestions of earlier runs are superseded. Those that the run itself wrote
    before stay, unless they name values of a column that has become personal. `distributions` are
    those of the columns, by their paths.
    """
    found = Suggestions(held_back=dict(held_back or {}), superseded=list(known.waiting))
    own = (one for suggested in known.own.values() for one in suggested)
    found.superseded += [id_ for id_, check in own if personal.publishes(check)]
    tested = {one.id: (one, found) for one, found in (restored(d, known, tried) for d in drafts)}
    drafts = [one for one, _ in tested.values()]
    tried = replace(tried, drafts={id_: found for id_, (_, found) in tested.items()})
    judgements = judged(drafts, tried, options)
    reasons = {one.id: _reason(one, tried, known, options) for one in drafts}
    doubted = {
        one.id: doubt
        for one in drafts
        if reasons[one.id] is None and (doubt := _doubt(one, tried, judgements, known)) is not None
    }
    reasons |= doubted
    if not options.contradictions:
        allowed = allowed_values((rule.check for rule in known.rules.values()), known.twins)
        chosen = (one.check for one in drafts if one.id not in doubted and _counts(reasons[one.id]))
        allowed |= allowed_values(chosen, known.twins)
        for one in drafts:
            listed = allowed.get(place(one.check, known.twins), ())
            if reasons[one.id] is None and rejects(one.check, listed):
                reasons[one.id] = errors.rejects_listed_values()
    kept = [one for one in drafts if reasons[one.id] is None]
    reasons |= {one.id: errors.over_limit() for one in over_limit(kept, options.max_suggestions)}
    for one in drafts:
        if (reason := reasons[one.id]) is not None:
            hold_back(found.held_back, one.check.name, reason)
        else:
            judgement = judgements.get(one.id)
            found.rows.append(_row_of(one, tried, sample, known, judgement))
            evidence = tried.drafts.get(one.id, Evidence())
            spread = distributions.get(one.candidate.column)
            found.evidence[one.id] = facts_of(one, evidence, sample, judgement, spread)
    return found


def _reason(draft: Draft, tried: Tried, known: ExistingChecks, options: CheckOptions) -> str | None:
    """Return why a draft is held back, whatever the others are; None if it is not."""
    check, about = draft.check, known.subject(draft.check)
    before = {known.form(one) for _, one in known.own.get(about, ())}
    if (decided := _DECIDED.get(known.standing(check))) is not None:
        return decided()
    evidence = tried.drafts.get(draft.id, Evidence())
    if not draft.is_finding and (refuted := refutation(check, evidence)) is not None:
        return refuted
    if about in known.later:
        return errors.suggested_later()
    if before and known.form(check) not in before:
        return errors.suggested_already()
    return reason_to_wait(draft, known, tried, options.rejected_change)


def _doubt(
    draft: Draft, tried: Tried, judgements: Mapping[str, Judgement], known: ExistingChecks
) -> str | None:
    """Return why the judge holds a draft back; None if not, or if people accepted it before.

    For a new value of an accepted rule it is enough that all rows pass: some break the rule there
    is, which is worth asking about.
    """
    judgement, past = judgements.get(draft.id), known.past(draft.check)
    if judgement is None or past.again is not None:
        return None
    evidence = tried.drafts.get(draft.id, Evidence())
    holds = evidence.looked_at is not None and not evidence.failing
    if past.changes is not None and holds and judgement.held_back == below_confidence():
        return None
    return judgement.held_back


def _counts(reason: str | None) -> bool:
    """Return whether a list counts, beside which rules must not reject its values."""
    return reason not in _DOES_NOT_COUNT


def _row_of(
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
        description=describe(check.function),
        level=draft.level,
        dimension=dimension(check.function),
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
