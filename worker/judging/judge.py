"""Whether a proposal may be suggested: a few rows that break it are wrong, or it is to hold."""

from dataclasses import replace

from worker.judging import errors
from worker.judging.confidence import confidence, share_of_wrong
from worker.judging.proposal import Judgement, Proposal, Refits
from worker.profiling.results import Evidence

__all__ = ["judge"]


def judge(proposal: Proposal, evidence: Evidence, bar: float) -> Judgement:
    """Return the judgement of a proposal that was tried; it is held back below the `bar`.

    A finding that none of the rows breaks on which DQX tried it is a rule.
    """
    tried = evidence.looked_at is not None or evidence.others is not None
    if proposal.finding and (evidence.failing or not tried):
        return Judgement(proposal, None, share_of_wrong(proposal), proposal.held_back)
    proposal = replace(proposal, finding=False)
    trust = confidence(proposal, evidence)
    return Judgement(proposal, trust, None, _held_back(proposal, evidence, trust, bar))


def _held_back(proposal: Proposal, evidence: Evidence, trust: float, bar: float) -> str | None:
    if proposal.held_back is not None:
        return proposal.held_back
    if evidence.failing:
        return errors.tried_rows_fail()
    doubtful = any(map(_seldom_held, (proposal.random, proposal.in_order)))
    return errors.below_confidence() if trust < bar or doubtful else None


def _seldom_held(refits: Refits | None) -> bool:
    """Return whether less than half of the estimates that were made anew held."""
    return refits is not None and 2 * refits.held < refits.parts
