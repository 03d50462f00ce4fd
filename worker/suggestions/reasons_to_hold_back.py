"""Why drafts do not become rows: people decided about them, the judge doubts them, or others do."""

from collections.abc import Callable, Mapping, Sequence

from worker.judging.errors import below_confidence
from worker.judging.proposal import Judgement
from worker.profiling.results import Evidence
from worker.suggestions import errors
from worker.suggestions.choice import over_limit, superfluous
from worker.suggestions.contradictions import allowed_values, place, rejects
from worker.suggestions.draft import Draft
from worker.suggestions.existing_checks import ExistingChecks, Standing
from worker.suggestions.options import CheckOptions
from worker.suggestions.refuted_by_sample import refutation
from worker.suggestions.suggest_again import Tried, reason_to_wait

__all__ = ["Reasons", "reasons_to_hold_back"]

Reasons = dict[str, str | None]
"""By the ids of the drafts; None for a draft that becomes a row."""

_DECIDED: Mapping[Standing | None, Callable[[], str]] = {
    Standing.CONTRACT: errors.in_contract,
    Standing.ACCEPTED: errors.accepted_before,
    Standing.REJECTED: errors.rejected_before,
}

_DOES_NOT_COUNT = frozenset(
    {errors.rejected_before(), errors.rejected_alike(), errors.refuted_by_blanks()}
)


def reasons_to_hold_back(
    drafts: Sequence[Draft],
    tried: Tried,
    judgements: Mapping[str, Judgement],
    known: ExistingChecks,
    options: CheckOptions,
) -> Reasons:
    """Return why each draft is held back.

    What is decided of a draft alone comes first, then what follows from the others beside it.
    """
    reasons = {one.id: _reason(one, tried, known, options) for one in drafts}
    doubted = {
        one.id: doubt
        for one in drafts
        if reasons[one.id] is None and (doubt := _doubt(one, tried, judgements, known)) is not None
    }
    if not options.contradictions:
        chosen = [one for one in drafts if one.id not in doubted and _counts(reasons[one.id])]
        left = [one for one in drafts if one.id not in doubted and reasons[one.id] is None]
        reasons |= _contradictions(left, chosen, known)
    reasons |= doubted
    kept = [one for one in drafts if reasons[one.id] is None]
    reasons |= {
        one.id: errors.caught_by_others()
        for one in superfluous(kept)
        if not known.past(one.check).was_accepted
    }
    kept = [one for one in drafts if reasons[one.id] is None]
    return reasons | {
        one.id: errors.over_limit() for one in over_limit(kept, options.max_suggestions)
    }


def _contradictions(
    drafts: Sequence[Draft], chosen: Sequence[Draft], known: ExistingChecks
) -> Reasons:
    """Return the reasons of drafts that reject values which the list for their column allows.

    Lists are those of the contract and of the `chosen` drafts.
    """
    allowed = allowed_values((rule.check for rule in known.rules.values()), known.twins)
    allowed |= allowed_values((one.check for one in chosen), known.twins)
    return {
        one.id: errors.rejects_listed_values()
        for one in drafts
        if rejects(one.check, allowed.get(place(one.check, known.twins), ()))
    }


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
