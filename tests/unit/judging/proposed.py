"""What is proposed for tables of a few columns."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import numpy as np
import pyarrow as pa

from worker.checks.catalogue import function_of
from worker.judging.proposal import Proposal
from worker.judging.propose import propose
from worker.kinds.column import Column
from worker.profiling.results import Candidate, TableProfile
from worker.sampling.sample_facts import SampleFacts, Sampling

__all__ = ["CLEAN", "NOW", "ROWS", "columns_of", "own", "profile_of", "proposed"]

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ROWS = 1200
_RNG = np.random.default_rng(24)


def columns_of(values: Mapping[str, Any]) -> list[Column]:
    return [
        Column(name, one if isinstance(one, pa.Array) else pa.array(one))
        for name, one in values.items()
    ]


def profile_of(
    candidates: Sequence[Candidate],
    statistics: Mapping[str, Mapping[str, int]],
    of_rows: int = ROWS,
) -> TableProfile:
    sample = SampleFacts(ROWS, of_rows, Sampling.WHOLE, fraction=None, limit=None, seed=None)
    facts = {"candidates": candidates, "statistics": statistics, "sample": sample}
    return cast("TableProfile", type("Profile", (), facts))


def proposed(
    values: Mapping[str, Any], dqx: Sequence[str] = (), *, of_rows: int = ROWS, **options: Any
) -> list[Proposal]:
    candidates = [
        Candidate(function_of(function).check(name), "", name, None)
        for name in values
        for function in dqx
    ]
    columns = columns_of(values)
    statistics = {one.path: {"count_null": one.values.null_count} for one in columns}
    return propose(profile_of(candidates, statistics, of_rows), columns, now=NOW, **options)


def own(values: Mapping[str, Any], **options: Any) -> dict[str, list[str]]:
    """Return the worker's own functions by column; findings with an exclamation mark."""
    found: dict[str, list[str]] = {name: [] for name in values}
    for one in proposed(values, **options):
        found[one.candidate.column].append(
            one.candidate.check.function + ("!" if one.finding else "")
        )
    return found


CLEAN: dict[str, Any] = {
    "id": _RNG.permutation(ROWS),
    "depot": _RNG.choice(["Berlin", "Paris", "Rome"], ROWS),
    "price": _RNG.lognormal(3, 1, ROWS).round(2),
    "code": [f"K-{at:04}" for at in _RNG.integers(0, 9000, ROWS)],
    "day": [date(2022, 1, 1) + timedelta(days=int(one)) for one in _RNG.integers(0, 700, ROWS)],
    "mail": [f"ann{at}@example.com" for at in range(ROWS)],
    "note": [f"some words {at} \u00e9" for at in _RNG.integers(0, 900, ROWS)],
}
