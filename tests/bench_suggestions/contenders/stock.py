"""Stock DQX, with its default options and with the strongest ones."""

import threading
import time
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.labs.dqx.profiler.semantic import SemanticRegistry

from tests.bench_suggestions.contenders.contender import CLIENT, digest_of, file_of, rule_of
from tests.bench_suggestions.place import Past, Place
from tests.bench_suggestions.rule import Flags, Offer
from worker.profiling.dqx import Dqx
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.options import ProfilerChoice
from worker.sampling.sample import draw_sample

__all__ = ["stock", "version_of_stock"]


@cache
def version_of_stock() -> str:
    """Return the versions of DQX and Spark, and of this file."""
    here = digest_of([Path(__file__)])
    return f"DQX {version('databricks-labs-dqx')}, Spark {version('pyspark')}, {here}"


def stock(
    place: Place,
    past: Past,
    *,
    strongest: bool = False,
    registry: bool = False,
    itself: bool = False,
) -> Offer:
    """Profile as stock DQX does by default, or with its strongest options.

    DQX's builders decide. The counts by which they do are the worker's, which `tests/parity` holds
    equal to DQX's own and which are there in a tenth of the time; if `itself`, they are DQX's own.
    """
    count = past.rows.num_rows
    looked_at = np.ones(count, dtype=bool) if strongest else _as_stock_draws(count, past.seed)
    with file_of(place, past.rows.filter(pa.array(looked_at))) as table:
        choice = ProfilerChoice.STOCK if itself else ProfilerChoice.AUTO
        chosen = replace(place.options, sample_limit=count + 1, profiler=choice)
        options = DqxOptions(remove_outliers=False) if strongest else DqxOptions()
        began = time.perf_counter()
        sample = draw_sample(place.engine, table, chosen, options)
        dqx = Dqx(CLIENT, place.engine, choice)
        if registry:
            dqx._profiler = DQProfiler(
                CLIENT, place.engine.session, semantic_registry=SemanticRegistry.default()
            )
        profile = dqx.profile(sample, threading.Event())
        seconds = time.perf_counter() - began
        sample.release()
    rules = [rule for one in profile.candidates if (rule := rule_of(one)) is not None]
    return Offer(rules, looked_at, seconds)


def _as_stock_draws(count: int, seed: int) -> Flags:
    """Return the first thousand rows of a random 30 %, as DQX draws them by default."""
    drawn = np.random.default_rng(seed).random(count) < 0.3
    return drawn & (np.cumsum(drawn) <= 1000)
