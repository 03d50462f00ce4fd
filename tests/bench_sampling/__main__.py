"""`python -m tests.bench_sampling`: makes rules of samples and applies them to whole tables.

The rules are made as DQX draws its samples, from representative ones, and from blocks of
neighbouring rows, with the defaults of the settings; DQX applies them. A row that a rule flags and
that was there when the rule was made is a false alarm, so fewer are better.
"""

import logging
import random
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import pyarrow as pa
import pyarrow.parquet as pq
from databricks.labs.dqx.engine import DQEngine
from pyspark.sql import functions

from deploy.sandbox.sample_tables import make_tables
from tests.profiling.conftest import options
from worker.profiling.dqx import Dqx
from worker.profiling.results import Candidate
from worker.sampling.sample import draw_sample
from worker.sampling.sample_facts import Sampling
from worker.spark.engines.local import LocalEngine
from worker.tables.table_types import FileFormat, FileTable
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs
from worker.workspace.offline import OfflineWorkspace

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from pyspark.sql import DataFrame

_CLIENT = cast("WorkspaceClient", OfflineWorkspace())
_SEEDS = (1, 2, 3, 4, 5)
_LONG = ("flights", "weather")
_LIMIT = 5_000
_BLOCKS = (50, 500, 1_000)
"""Rows. A page of a parquet file has thousands, a row group often a million."""
_Way = Literal[Sampling.STOCK, Sampling.REPRESENTATIVE]
_Drawn = Callable[[int], tuple[Path, _Way]]


def main() -> None:
    """Print a table of Markdown, a line for each table and sampling."""
    with tempfile.TemporaryDirectory(prefix="dqx-bench-") as name:
        folder = Path(name)
        paths = make_tables(folder)
        chosen = options(folder, sample_limit=_LIMIT)
        engine = LocalEngine(chosen)
        engine.start()
        dqx = Dqx(_CLIENT, engine)
        print("| table | sampling | rules | rows flagged | of the last half |")
        print("|---|---|---|---|---|")
        for table in _LONG:
            frame = engine.session.read.parquet(str(paths[table]))
            for way, path_of in _ways(paths[table], folder):
                flagged: list[tuple[int, float, float]] = []
                for seed in _SEEDS:
                    path, sampling = path_of(seed)
                    drawn = draw_sample(
                        engine,
                        FileTable(path, FileFormat.PARQUET),
                        replace(chosen, sampling=sampling, sample_seed=seed),
                    )
                    candidates = dqx.profile(drawn, threading.Event()).candidates
                    flagged.append((len(candidates), *_flagged(engine, frame, candidates)))
                rules, all_rows, last = zip(*flagged, strict=True)
                print(
                    f"| {table} | {way} | {_span(rules, '')} | {_span(all_rows, '%')} "
                    f"| {_span(last, '%')} |",
                    flush=True,
                )
        engine.stop()


def _ways(table: Path, folder: Path) -> Iterator[tuple[str, _Drawn]]:
    """Yield the ways to draw by their names, and the file and sampling of each by its seed."""
    for sampling in (Sampling.STOCK, Sampling.REPRESENTATIVE):
        yield str(sampling), partial(_rows, table, sampling)
    for size in _BLOCKS:
        yield f"blocks of {size:,} rows", partial(_blocks, table, folder, size)


def _rows(table: Path, sampling: _Way, _: int) -> tuple[Path, _Way]:
    return table, sampling


def _blocks(table: Path, folder: Path, size: int, seed: int) -> tuple[Path, _Way]:
    """Write a file of random blocks of neighbouring rows, as many as are looked at."""
    rows = pq.read_table(table)
    starts = range(0, rows.num_rows - size, size)
    chosen = sorted(random.Random(seed).sample(starts, _LIMIT // size))  # noqa: S311
    path = folder / "blocks.parquet"
    pq.write_table(pa.concat_tables([rows.slice(start, size) for start in chosen]), path)
    return path, Sampling.REPRESENTATIVE


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
