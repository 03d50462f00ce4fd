"""What the judge makes of drafts, and what follows for their severity."""

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal

from worker.checks.filled_share import is_filled_share
from worker.judging.judge import judge
from worker.judging.proposal import Judgement
from worker.profiling.results import Evidence
from worker.suggestions.draft import Draft
from worker.suggestions.options import CheckOptions
from worker.suggestions.suggest_again import Tried

__all__ = ["confidence_text", "criticality", "judged"]

_STRONG = 0.98
"""Confidence from which a check may keep rows from being used."""
_PLACES = "has_num_decimal_places"
_HUNDREDTH = Decimal("0.01")


def judged(drafts: Iterable[Draft], tried: Tried, options: CheckOptions) -> dict[str, Judgement]:
    """Return the judgements of drafts by their ids; nothing for a draft that is DQX's alone."""
    return {
        one.id: judge(one.proposal, tried.drafts.get(one.id, Evidence()), options.confidence)
        for one in drafts
        if one.proposal is not None
    }


def criticality(highest: str, judgement: Judgement | None, evidence: Evidence) -> str:
    """Return the criticality of a check; `highest` is what was chosen, and stays if none judged.

    A check is an error only on strong evidence, if no row fails it, and if it held each time that
    it was made anew; a finding never is, and neither is a check that fails for all rows at once,
    nor one that allows a single value or so many decimal places: others may be right, too.
    """
    if judgement is None:
        return highest
    trust, proposal = judgement.confidence, judgement.proposal
    check = proposal.candidate.check
    strong = trust is not None and trust >= _STRONG and not evidence.failing
    strong = strong and not is_filled_share(check.function, check.arguments)
    strong = strong and check.function != _PLACES
    strong = strong and len(check.arguments.get("allowed", "")) != 1
    refits = (one for one in (proposal.random, proposal.in_order) if one is not None)
    strong = strong and all(one.held == one.parts for one in refits)
    return highest if strong else "warn"


def confidence_text(judgement: Judgement | None) -> str | None:
    """Return the confidence with two digits, rounded down: `0.00` to `1.00`; None of a finding."""
    confidence = None if judgement is None else judgement.confidence
    if confidence is None:
        return None
    return str(Decimal(repr(float(confidence))).quantize(_HUNDREDTH, ROUND_DOWN))
