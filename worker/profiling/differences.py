"""What differs between what stock DQX and the worker find in the same rows.

Candidates have to be equal. Statistics may differ by what the order of a sum makes of a
floating-point number, and by what docs/figures/parity.md lists; NaN equals NaN.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from worker.profiling.results import Candidate, Evidence, TableProfile
from worker.telemetry.text import bounded

__all__ = ["Difference", "Found", "differences"]

_LONGEST = 100
"""Characters of a value in a difference."""
_TOLERANCE = 1e-9
"""Of a statistic, relative to its size."""


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


_NOTHING = _Nothing()
_QUARTILES = ("25%", "50%", "75%")
_ESTIMATE = 0.25
"""Of an approximate distinct count, relative to the exact one: five times Spark's deviation."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that differs. The text of each value is bounded."""

    what: str
    stock: str
    worker: str

    def __str__(self) -> str:
        return f"{self.what}: stock DQX has {self.stock}, the worker {self.worker}"


@dataclass(frozen=True, slots=True)
class Found:
    """The profile of a table, and the evidence for each of its candidates."""

    profile: TableProfile
    evidence: Sequence[Evidence]


def differences(stock: Found, worker: Found) -> Iterator[Difference]:
    """Yield what differs: columns that fail, candidates, passing rows, and statistics."""
    expected, found = stock.profile, worker.profile
    yield from _of_values("the failure of", expected.skipped_columns, found.skipped_columns)
    yield from _of_candidates(expected.candidates, found.candidates)
    for candidate, one, other in zip(
        expected.candidates, stock.evidence, worker.evidence, strict=False
    ):
        # The worker leaves some checks untried on rows that it has fetched.
        if other.looked_at is not None and other != one:
            what = f"passing rows of {_place(candidate)}"
            yield _difference(what, one.looked_at, other.looked_at)
    for column in dict.fromkeys([*expected.statistics, *found.statistics]):
        metrics = found.statistics.get(column, {})
        wanted = _wanted(expected.statistics.get(column, {}), metrics)
        yield from _of_values(f"statistics of {column},", wanted, metrics, _TOLERANCE)


def _wanted(stock: Mapping[str, Any], worker: Mapping[str, Any]) -> dict[str, Any]:
    """Return stock DQX's metrics of a column, or the worker's own if they are accurate enough."""
    # Imports DQX.
    from worker.profiling.decide_by_counts import APPROXIMATE

    wanted = dict(stock)
    if worker.get("min") is None:
        # The worker publishes no quartiles of texts, which have no least number either.
        wanted |= {name: worker[name] for name in _QUARTILES if name in worker}
    if worker.get(APPROXIMATE):
        wanted[APPROXIMATE] = True
        distinct = stock.get("count_distinct", 0)
        if abs(worker["count_distinct"] - distinct) <= _ESTIMATE * distinct:
            wanted["count_distinct"] = worker["count_distinct"]
    return wanted


def _of_candidates(stock: Sequence[Candidate], worker: Sequence[Candidate]) -> Iterator[Difference]:
    expected, found = list(map(_place, stock)), list(map(_place, worker))
    if expected != found:
        for place in dict.fromkeys([*expected, *found]):
            if (counts := (expected.count(place), found.count(place)))[0] != counts[1]:
                yield _difference(f"candidates {place}", *counts)
                return
        yield _difference("the order of candidates", expected, found)
        return
    for place, one, other in zip(expected, stock, worker, strict=True):
        yield from _of_values(f"{place},", _facts(one), _facts(other))


def _place(candidate: Candidate) -> str:
    return f"{candidate.profile} of {candidate.column}"


def _facts(candidate: Candidate) -> dict[str, Any]:
    """Return everything of a candidate but its place."""
    facts = asdict(candidate)
    check: dict[str, Any] = facts.pop("check")
    # The list of an `is_in` has the order of a collect in stock DQX.
    arguments = {
        name: sorted(value, key=repr) if isinstance(value, list) else value
        for name, value in check.pop("arguments").items()
    }
    return facts | check | arguments


def _of_values(
    what: str, stock: Mapping[str, Any], worker: Mapping[str, Any], tolerance: float = 0.0
) -> Iterator[Difference]:
    for key in dict.fromkeys([*stock, *worker]):
        one, other = stock.get(key, _NOTHING), worker.get(key, _NOTHING)
        if not _equal(one, other, tolerance):
            yield _difference(f"{what} {key}", one, other)


def _equal(one: Any, other: Any, tolerance: float) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, float | Decimal) and not math.isnan(one):
        return math.isclose(one, other, rel_tol=tolerance)
    # NaN is written as NaN.
    return repr(one) == repr(other)


def _difference(what: str, stock: object, worker: object) -> Difference:
    return Difference(what, bounded(repr(stock), _LONGEST), bounded(repr(worker), _LONGEST))
