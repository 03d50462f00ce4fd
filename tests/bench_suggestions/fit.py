"""Fits the confidence to the tables for development: a logistic regression of a few features."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from tests.bench_suggestions.apply import apply_rules
from tests.bench_suggestions.cases import CLEAN, Split, cases, parts_of
from tests.bench_suggestions.contenders.contender import rule_of
from tests.bench_suggestions.contenders.worker import tried
from tests.bench_suggestions.place import Past, Place
from tests.bench_suggestions.table import BenchTable
from worker.judging.confidence import COEFFICIENTS, features

__all__ = ["fit_confidence"]

_SEEDS = (1, 2, 3)
_PENALTY = 0.1
"""Of the squares of the coefficients, but the constant's: the tables are few."""
_ROUNDS = 50
Numbers = npt.NDArray[np.float64]


def fit_confidence(place: Place, tables: Sequence[BenchTable]) -> Iterator[str]:
    """Yield a line for each case, then the coefficients that fit best."""
    given: list[Sequence[float]] = []
    held: list[bool] = []
    weights: list[float] = []
    for case in cases(tables, [CLEAN], _SEEDS):
        parts = parts_of(case, case.table.load())
        found = tried(place, Past(case.table, parts.past, case.seed))
        known = [
            (features(one, evidence), rule)
            for one, evidence in found.proposals
            if not one.finding and (rule := rule_of(one.candidate)) is not None
        ]
        rules = [rule for _, rule in known]
        flagged = apply_rules(place.engine.session, rules, [parts.unseen], place.folder)
        for (one, _), (unseen,) in zip(known, flagged, strict=True):
            given.append(one)
            held.append(not unseen.any())
            # There are several random splits of a table, and one in order of time.
            weights.append(1 / len(_SEEDS) if case.split is Split.RANDOM else 1.0)
        yield f"{case}: {len(known)} proposals"
    fitted = _fit(np.array(given), np.array(held, dtype=float), np.array(weights))
    names = list(COEFFICIENTS.__dataclass_fields__)
    for name, one in zip(names, fitted, strict=True):
        yield f"{name} = {one:.3f} (now {getattr(COEFFICIENTS, name):.3f})"


def _fit(given: Numbers, held: Numbers, weights: Numbers) -> Numbers:
    """Return the coefficients of a logistic regression, by Newton's method."""
    found: Numbers = np.zeros(given.shape[1])
    penalty = _PENALTY * np.diag([0.0, *np.ones(given.shape[1] - 1)])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-given @ found))
        slope = given.T @ (weights * (likely - held)) + penalty @ found
        curve = (given.T * (weights * likely * (1 - likely))) @ given + penalty
        found = found - np.linalg.solve(curve, slope)
    return found
