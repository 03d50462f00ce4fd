"""Whether a proposal may be suggested: no tried row fails, and it is likely to hold."""

from worker.profiling.results import Evidence
from worker.suggestions import errors
from worker.suggestions.confidence import confidence
from worker.suggestions.judgement import Judgement, Proposal

__all__ = ["judge"]


def judge(proposal: Proposal, evidence: Evidence, bar: float) -> Judgement:
    """Return the judgement of a proposal that was tried; it is held back below the `bar`."""
    trust = confidence(proposal, evidence)
    return Judgement(proposal, trust, _held_back(proposal, evidence, trust, bar))


def _held_back(proposal: Proposal, evidence: Evidence, trust: float, bar: float) -> str | None:
    if proposal.held_back is not None:
        return proposal.held_back
    if evidence.failing:
        return errors.tried_rows_fail()
    return errors.below_confidence() if trust < bar else None
