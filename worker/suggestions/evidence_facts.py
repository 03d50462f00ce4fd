"""The evidence for a suggestion as data."""

from collections.abc import Mapping
from typing import Any

from worker.counting.check import Passed
from worker.judging.proposal import Judgement, Origin, Refits
from worker.profiling.results import Evidence
from worker.sampling.sample_facts import SampleFacts
from worker.suggestions.distribution import Distribution, as_text
from worker.suggestions.draft import Draft
from worker.suggestions.failing_share import most_failing

__all__ = ["Facts", "facts_of"]

Facts = Mapping[str, Any]
"""By the names of the columns of the view `suggestion_evidence`, in JSON's types."""

_EXAMPLES = 3


def facts_of(
    draft: Draft,
    evidence: Evidence,
    sample: SampleFacts,
    judgement: Judgement | None,
    distribution: Distribution | None,
) -> Facts:
    """Return what is known; what is unknown is left out, and values that are not public are."""
    facts: dict[str, Any] = {
        "origin": Origin.DQX,
        "rows": _rows(evidence.looked_at),
        "failing": _failing(evidence.looked_at),
        "held_out_rows": _rows(evidence.others),
        "held_out_failing": _failing(evidence.others),
        "most_failing": _most_failing(evidence, sample),
    }
    if judgement is not None:
        proposal = judgement.proposal
        if evidence.others is None and proposal.made_of and proposal.random:
            # What the worker estimates is made anew without each row, and tried on that row.
            facts |= {
                "held_out_rows": proposal.random.tried.rows,
                "held_out_failing": _failing(proposal.random.tried),
            }
        facts |= {
            "origin": proposal.origin,
            "finding": proposal.finding,
            "confidence": judgement.confidence,
            "wrong_share": judgement.wrong_share,
            "expected": proposal.expected,
            "catches": None if proposal.caught is None else proposal.caught.beyond(0),
            "kind": proposal.kind,
            "kind_reason": proposal.kind_reason or None,
            "reason": proposal.reason or None,
            **_refits("random", proposal.random),
            **_refits("in_order", proposal.in_order),
        }
    if draft.public:
        facts["distribution"] = distribution
        if judgement is not None and judgement.proposal.examples:
            examples = judgement.proposal.examples[:_EXAMPLES]
            facts["examples"] = [as_text(one) for one in examples]
    return {name: one for name, one in facts.items() if one is not None}


def _rows(passed: Passed | None) -> int | None:
    return None if passed is None else passed.rows


def _failing(passed: Passed | None) -> int | None:
    return None if passed is None else passed.rows - passed.passing


def _most_failing(evidence: Evidence, sample: SampleFacts) -> float | None:
    """Return the bound that the rationale has: of rows that were not looked at, drawn at random."""
    others = evidence.others
    if sample.whole or evidence.others_cut or others is None or not others.rows:
        return None
    return most_failing(others.rows, others.rows - others.passing)


def _refits(which: str, refits: Refits | None) -> dict[str, int]:
    if refits is None:
        return {}
    return {
        f"{which}_parts": refits.parts,
        f"{which}_held": refits.held,
        f"{which}_rows": refits.tried.rows,
        f"{which}_failing": refits.tried.rows - refits.tried.passing,
    }
