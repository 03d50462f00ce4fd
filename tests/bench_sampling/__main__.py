"""`python -m tests.bench_sampling`: makes rules of samples and applies them to whole tables.

The rules are made as DQX draws its samples and from representative ones, with the defaults of the
settings; DQX applies them. A row that a rule flags and that was there when the rule was made is a
false alarm, so fewer are better.
"""

import logging
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from databricks.labs.dqx.engine import DQEngine
from pyspark.sql import functions

from deploy.sandbox.tables import make_tables
from tests.profiling.conftest import options
from worker.profiling.dqx import Dqx
from worker.profiling.engines.local import LocalEngine
from worker.profiling.profile import Candidate, Sampling
from worker.profiling.sample import draw_sample
from worker.profiling.table import FileFormat, FileTable
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs
from worker.workspace.offline import OfflineWorkspace

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from pyspark.sql import DataFrame

_CLIENT = cast("WorkspaceClient", OfflineWorkspace())
_SEEDS = (1, 2, 3, 4, 5)
_LONG = ("flights", "weather")


def main() -> None:
    """Print a table of Markdown, a line for each table and sampling."""
    with tempfile.TemporaryDirectory(prefix="dqx-bench-") as name:
        folder = Path(name)
        paths = make_tables(folder)
        chosen = options(folder, sample_limit=5000)
        engine = LocalEngine(chosen)
        engine.start()
        dqx = Dqx(_CLIENT, engine)
        print("| table | sampling | rules | rows flagged | of the last half |")
        print("|---|---|---|---|---|")
        for table in _LONG:
            frame = engine.session.read.parquet(str(paths[table]))
            for sampling in (Sampling.STOCK, Sampling.REPRESENTATIVE):
                flagged: list[tuple[int, float, float]] = []
                for seed in _SEEDS:
                    drawn = draw_sample(
                        engine,
                        FileTable(paths[table], FileFormat.PARQUET),
                        replace(chosen, sampling=sampling, sample_seed=seed),
                    )
                    candidates = dqx.profile(drawn, threading.Event()).candidates
                    flagged.append((len(candidates), *_flagged(engine, frame, candidates)))
                rules, all_rows, last = zip(*flagged, strict=True)
                print(
                    f"| {table} | {sampling} | {_span(rules, '')} | {_span(all_rows, '%')} "
                    f"| {_span(last, '%')} |",
                    flush=True,
                )
        engine.stop()


def _flagged(
    engine: LocalEngine, frame: "DataFrame", candidates: Sequence[Candidate]
) -> tuple[float, float]:
    """Return the share of flagged rows in percent: of all rows, and of the last half of them."""
    checks = DQEngine(_CLIENT, engine.session)
    numbered = frame.withColumn("_row", functions.monotonically_increasing_id())
    applied = checks.apply_checks_by_metadata(numbered, [*_metadata(candidates)])
    flagged = functions.coalesce(
        functions.size("_errors") > 0, functions.lit(False)
    ) | functions.coalesce(functions.size("_warnings") > 0, functions.lit(False))
    marked = applied.select("_row", flagged.cast("int").alias("flagged"))
    half = frame.count() // 2
    found = marked.agg(
        functions.mean("flagged"),
        functions.mean(functions.when(functions.col("_row") >= half, functions.col("flagged"))),
    ).first()
    whole, last = found or (0.0, 0.0)
    return 100 * whole, 100 * last


def _metadata(candidates: Sequence[Candidate]) -> Iterator[dict[str, Any]]:
    for candidate in candidates:
        check = candidate.check
        yield {
            "name": check.name,
            "criticality": check.criticality,
            "check": {"function": check.function, "arguments": dict(check.arguments)},
        }


def _span(values: Sequence[float], unit: str) -> str:
    low, high = min(values), max(values)
    text = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
    return text + unit


if __name__ == "__main__":
    configure_logs(LogFormat.JSON, level=LogLevel.ERROR)
    logging.disable(logging.INFO)
    main()
