"""This worker, by the product's own way from a file to candidates and their evidence."""

import threading
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.bench_suggestions.contenders.contender import CLIENT, digest_of, file_of, rule_of
from tests.bench_suggestions.place import Past, Place
from tests.bench_suggestions.rule import Flags, Offer
from worker.profiling.dqx import Dqx
from worker.profiling.evidence import gather_evidence
from worker.profiling.results import Evidence, Trial
from worker.sampling.sample import draw_sample
from worker.suggestions.refuted_by_sample import refutation

__all__ = ["version_of_worker", "worker"]

_ROOT = Path(__file__).parents[3]
_ROW = "row"


@cache
def version_of_worker() -> str:
    """Return a digest of the worker's code and of this file, once: it may change meanwhile."""
    return digest_of([*(_ROOT / "worker").rglob("*.py"), Path(__file__)])


def worker(place: Place, past: Past) -> Offer:
    """Make what the worker suggests today; its confidence is whether every tried row passes."""
    with file_of(place, past.rows) as table:
        began = time.perf_counter()
        sample = draw_sample(place.engine, table, place.options)
        profile = Dqx(CLIENT, place.engine).profile(sample, threading.Event())
        profiled = time.perf_counter()
        trials = [Trial(one.column, one.check) for one in profile.candidates]
        evidence = gather_evidence(sample, trials, place.options.sample_bytes)
        done = time.perf_counter()
        sample.release()
    rules = [
        replace(
            rule,
            confidence=_all_pass(found),
            offered=refutation(one.check, found) is None,
        )
        for one, found in zip(profile.candidates, evidence, strict=True)
        if (rule := rule_of(one)) is not None
    ]
    looked_at = _looked_at(place, past.rows.num_rows, profile.sample.rows)
    return Offer(rules, looked_at, profiled - began, done - profiled)


def _all_pass(evidence: Evidence) -> float:
    tried = [one for one in (evidence.looked_at, evidence.others) if one is not None]
    return float(all(one.passing == one.rows for one in tried))


def _looked_at(place: Place, count: int, expected: int) -> Flags:
    """Return which rows the worker draws of a table of so many: it depends on nothing else."""
    numbers = pa.table({_ROW: pa.array(range(count), pa.int64())})
    with file_of(place, numbers) as table:
        sample = draw_sample(place.engine, table, place.options)
        assert sample.rows is not None
        drawn = sample.rows[_ROW].to_numpy()
        sample.release()
    assert len(drawn) == expected
    flags = np.zeros(count, dtype=bool)
    flags[drawn] = True
    return flags
