"""Compares the worker's own counts with stock DQX before the first table, if they may differ.

A DQX, a Spark or a builder that the worker was not tried with takes seconds at the start, once.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from worker.profiling.differences import Difference, Found, differences
from worker.profiling.example_table import EXAMPLES, Example
from worker.profiling.options import ProfilingOptions
from worker.profiling.results import Trial
from worker.sampling import stock_errors
from worker.sampling.comparison_result import NOT_COMPARED, Installed, Verdict, installed
from worker.sampling.options import ProfilerChoice
from worker.sampling.sample import sample_of
from worker.sampling.sample_facts import Counting
from worker.sampling.verified_versions import VERIFIED, dqx_version, unverified
from worker.spark.engine import Engine
from worker.spark.error_conditions import condition
from worker.tables.errors import TableError
from worker.tables.table_types import CatalogTable
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.telemetry.text import bounded

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from worker.profiling.dqx import Dqx

__all__ = ["compare_if_unknown"]

log = get_logger(__name__)

_TABLE = CatalogTable(("rows of the comparison",))
_MOST_ROWS = 10_000
_MOST_BYTES = 100_000_000
_MOST_COLUMNS = 1000
_INTERPRETED = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "1",
}
_REPORTED = 5
"""Differences that are reported: the first ones."""
_LONGEST = 200
"""Characters of an error."""


def compare_if_unknown(engine: Engine, dqx: "Dqx", options: ProfilingOptions) -> Verdict:
    """Return whether the worker counts as stock DQX does; compare them if that is not known.

    Blocks. Never raises: a comparison that fails is a difference.
    """
    choice = options.profiler
    if choice is ProfilerChoice.FAST and dqx_version() not in VERIFIED:
        log.warning(Event.DQX_UNVERIFIED, version=dqx_version(), verified=list(VERIFIED))
    spark = engine.session.version
    because = unverified(choice, spark)
    if because is None:
        return NOT_COMPARED
    began = time.monotonic()
    of = installed(dqx_version(), spark)
    verdict, found = _compared(engine, dqx, options, of, because)
    seconds = round(time.monotonic() - began, 1)
    facts = {"dqx": of.dqx, "spark": of.spark, "reason": because, "seconds": seconds}
    if verdict.difference is not None:
        log.warning(Event.DQX_DIFFERS, **facts, error=verdict.difference, differences=found)
    else:
        log.info(Event.DQX_COMPARED, **facts, left=verdict.left)
    return verdict


def _compared(
    engine: Engine, dqx: "Dqx", options: ProfilingOptions, of: Installed, because: str
) -> tuple[Verdict, list[str]]:
    """Return the verdict and the first differences."""
    comparison = _Comparison(engine, dqx, options, Verdict(of))
    try:
        with _interpreted(engine):
            # Both ways of the worker may differ in the same.
            found = list(dict.fromkeys(map(str, islice(comparison.differences(), _REPORTED))))
    # Spark raises a class for each condition, Java's own errors beside them, and DQX anything.
    except Exception as error:  # noqa: BLE001
        return Verdict(of, stock_errors.not_compared(because, _reason(error))), []
    if found:
        return Verdict(of, stock_errors.differs(because, found[0])), found
    if not (left := comparison.left):
        return Verdict(of), []
    columns, reason = ", ".join(left), next(iter(left.values()))
    return Verdict(of, left=stock_errors.asks_for_more(because, columns, reason)), []


@contextmanager
def _interpreted(engine: Engine) -> Iterator[None]:
    """Have an embedded Spark interpret its plans while the block runs.

    Stock DQX asks for little, many times: most of the time would be spent on compiling.
    """
    if not engine.owns_jvm:
        yield
        return
    conf = engine.session.conf
    before = {name: str(conf.get(name)) for name in _INTERPRETED}
    try:
        for name, value in _INTERPRETED.items():
            conf.set(name, value)
        yield
    finally:
        for name, value in before.items():
            conf.set(name, value)


def _reason(error: Exception) -> str:
    if isinstance(error, TableError):
        return str(error)
    # Spark's own text is never repeated. Python's names what another DQX lacks.
    in_words = type(error).__module__ == "builtins"
    return f"{condition(error)}: {bounded(str(error), _LONGEST)}" if in_words else condition(error)


class _Comparison:
    """Profiles the built-in table with stock DQX and in both ways of the worker."""

    def __init__(
        self, engine: Engine, dqx: "Dqx", options: ProfilingOptions, trusting: Verdict
    ) -> None:
        self._engine = engine
        self._dqx = dqx
        self._options = replace(
            options,
            profiler=ProfilerChoice.AUTO,
            sample_limit=_MOST_ROWS,
            sample_bytes=_MOST_BYTES,
            max_columns=_MOST_COLUMNS,
        )
        self._trusting = trusting
        self.left: dict[str, str] = {}
        """Columns that only stock DQX can count, each with the reason."""

    def differences(self) -> Iterator[Difference]:
        """Yield what differs. Raises what profiling raises."""
        in_spark = replace(self._options, sample_bytes=1)
        by_stock = replace(self._options, profiler=ProfilerChoice.STOCK)
        for example in EXAMPLES:
            rows = self._engine.example(example.rows(self._engine.session))
            # The worker first: it is soon done, and may not know what is asked.
            found = self._found(rows, example, self._options)
            counted = self._found(rows, example, in_spark, tried=False)
            stock = self._found(rows, example, by_stock)
            yield from differences(stock, found)
            # Where rows stay in Spark, they are tried by DQX's own functions.
            yield from differences(stock, replace(counted, evidence=stock.evidence))

    def _found(
        self, rows: "DataFrame", example: Example, options: ProfilingOptions, *, tried: bool = True
    ) -> Found:
        # Imports DQX.
        from worker.profiling.evidence import gather_evidence

        sample = sample_of(
            self._engine, _TABLE, rows, options, example.chosen, verdict=self._trusting
        )
        try:
            profile = self._dqx.profile(sample, threading.Event())
            if profile.counted.by is Counting.STOCK and profile.counted.stock_because:
                raise TableError(profile.counted.stock_because)
            self.left |= profile.counted.stock_columns
            trials = [Trial(one.column, one.check) for one in profile.candidates if tried]
            return Found(profile, gather_evidence(sample, trials, options.sample_bytes))
        finally:
            sample.release()
