"""The estimated probability that a rule flags no clean row of the next load of similar size.

A logistic regression of four things that are known of each proposal. It was fitted to the tables
for development of `make bench-suggestions`, random splits and splits in order of time alike, and
its calibration is measured on other tables; `python -m tests.bench_suggestions fit` fits it anew.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from worker.judging.proposal import Proposal, Refits
from worker.profiling.results import Evidence

__all__ = ["COEFFICIENTS", "Coefficients", "confidence", "features", "share_of_wrong"]

_LEAST, _MOST = 1e-4, 100.0


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What is added to the log odds that a rule holds."""

    constant: float
    failing: float
    """If some row that it was tried on fails."""
    random: float
    """Times the share of the random refits that did not hold."""
    in_order: float
    """Times the share of the refits in the order of the table that did not hold."""
    expected: float
    """Times the decimal logarithm of the rows that are expected to fail."""


COEFFICIENTS = Coefficients(
    constant=2.298, failing=-1.893, random=-1.020, in_order=-1.026, expected=-0.704
)


_RIGHT_FINDINGS: Mapping[str, float] = {
    "is_unique": 0.5,
    "is_in_range": 0.93,
    "is_not_null": 0.93,
    "regex_match": 0.97,
}
"""The share of the flagged rows that are wrong, by check function, as the bench counted it."""
_OTHER_FINDINGS = 0.98


def share_of_wrong(finding: Proposal) -> float:
    """Return the estimated share of the rows that a finding flags which are wrong.

    Of two rows with one key one is wrong, and no one knows which.
    """
    return _RIGHT_FINDINGS.get(finding.candidate.check.function, _OTHER_FINDINGS)


def features(proposal: Proposal, evidence: Evidence) -> tuple[float, float, float, float, float]:
    """Return what each coefficient is multiplied with."""
    tried = sum(one.rows for one in (evidence.looked_at, evidence.others) if one is not None)
    expected = proposal.expected
    if expected is None:
        # Of so many rows none, or no one knows which: one of them may have.
        expected = 1 / max(1, tried)
    # As many fail of the next rows as of those that were tried.
    expected = max(expected, evidence.failing * tried)
    return (
        1.0,
        float(evidence.failing > 0),
        _not_held(proposal.random),
        _not_held(proposal.in_order),
        math.log10(min(max(expected, _LEAST), _MOST)),
    )


def confidence(proposal: Proposal, evidence: Evidence) -> float:
    """Return the probability, between 0 and 1."""
    weights = (
        COEFFICIENTS.constant,
        COEFFICIENTS.failing,
        COEFFICIENTS.random,
        COEFFICIENTS.in_order,
        COEFFICIENTS.expected,
    )
    odds = sum(a * b for a, b in zip(weights, features(proposal, evidence), strict=True))
    return 1 / (1 + math.exp(-odds))


def _not_held(refits: Refits | None) -> float:
    return 0.0 if refits is None else 1 - refits.held / refits.parts
