"""How likely is it that a rule flags no clean row of the next load?"""

from worker.profiling.results import Evidence
from worker.suggestions.judgement import Judgement, Proposal

__all__ = ["judge"]


def judge(proposal: Proposal, evidence: Evidence, bar: float) -> Judgement:
    """Return the judgement of a proposal that was tried; it is held back below the `bar`."""
    return Judgement(proposal, 1.0 if not evidence.failing else 0.0, None)
