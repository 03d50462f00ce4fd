"""What is measured: samples of wide and of long tables, whole tables, several tables at once."""

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from pyspark.sql import functions

from tests.bench_profile.bench import Bench
from tests.bench_profile.measure import Cost
from tests.bench_profile.tables import lineitem, made
from tests.support.figures import Figure, Goal
from worker.profiling.profile import Sampling

__all__ = ["at_once", "long", "tpch", "whole", "wide"]

_RUNS = 5
_TABLES, _AT_ONCE = 20, 4
_MB = 1_000_000
_FEW = 5_000


def wide(bench: Bench, folder: Path) -> Iterator[Figure]:
    """Tables of 5,000 rows and up to 1,000 columns, beside stock DQX and the bare fetch."""
    _warm(bench, folder)
    medians = {}
    for columns, times in ((12, 20), (100, 60), (1000, None)):
        path = made(bench.engine.session, folder, _FEW, columns)
        what = f"{_FEW:,} rows, {columns:,} columns"
        medians[columns] = yield from _table(bench, path, what, times)
    ratio = medians[1000] / medians[100]
    yield Figure("1,000 columns to 100", f"{ratio:.1f} times", Goal("≤ 12 times", ratio <= 12))


def long(bench: Bench, folder: Path) -> Iterator[Figure]:
    """Tables of up to ten million rows."""
    _warm(bench, folder)
    for rows, columns, times in ((1_000_000, 12, 20), (10_000_000, 12, 20), (1_000_000, 100, 60)):
        path = made(bench.engine.session, folder, rows, columns)
        what = f"{rows:,} rows, {columns} columns"
        yield from _table(bench, path, what, times)
        costs, _ = _ours(bench, path, _RUNS, sampling=Sampling.REPRESENTATIVE)
        yield Figure(f"{what}: this profiler, sampling as it does by default", _told(costs))


def tpch(bench: Bench, folder: Path) -> Iterator[Figure]:
    """TPC-H lineitem, six million rows."""
    _warm(bench, folder)
    yield from _table(bench, lineitem(folder, "1"), "TPC-H lineitem, 6 million rows", 20)


def whole(bench: Bench, folder: Path) -> Iterator[Figure]:
    """A whole table of 50 columns, counted by Spark."""
    _warm(bench, folder)
    rows, columns = 100_000, 50
    path = made(bench.engine.session, folder, rows, columns)
    what = f"whole table, {rows:,} rows, {columns} columns"
    frame = bench.engine.session.read.parquet(str(path))
    parts: list[float] = []
    for _ in range(3):
        summary, _ = bench.measured(lambda: frame.summary().collect())
        counts = [functions.countDistinct(name) for name in frame.columns]
        distinct, _ = bench.measured(lambda: frame.agg(*counts).collect())  # noqa: B023
        parts.append(summary.seconds + distinct.seconds)
    costs, profiles = _ours(bench, path, 3, sample_limit=None)
    ours = median(cost.seconds for cost in costs)
    bare = median(parts)
    yield Figure(
        f"{what}: this profiler",
        _told(costs),
        Goal(f"≤ 1.3 times {bare:.2f} s, summary and distinct count", ours <= 1.3 * bare),
    )
    stock, found = bench.stock(path, limit=None)
    yield Figure(
        f"{what}: stock DQX",
        f"{stock.seconds:.1f} s, {stock.jobs} jobs; {found} profiles, ours {profiles}",
        Goal("10 times ours", stock.seconds >= 10 * ours and found == profiles),
    )


def at_once(bench: Bench, folder: Path) -> Iterator[Figure]:
    """Twenty tables, four at a time and one by one."""
    _warm(bench, folder)
    path = made(bench.engine.session, folder, 100_000, 50)
    alone = bench.tables([path] * _TABLES, at_once=1)
    together = bench.tables([path] * _TABLES, at_once=_AT_ONCE)
    yield Figure(
        f"{_TABLES} tables of 50 columns, {_AT_ONCE} at once and one by one",
        f"{together:.1f} s and {alone:.1f} s: {alone / together:.2f} times as soon "
        f"(two cores: 2.00 at best)",
    )


def _table(
    bench: Bench, path: Path, what: str, times: int | None
) -> Generator[Figure, None, float]:
    """Measure one table; return the median of ours in seconds."""
    fetches = [bench.fetch(path) for _ in range(_RUNS)]
    rows = fetches[0][1]
    fetch = median(cost.seconds for cost, _ in fetches)
    costs, profiles = _ours(bench, path, _RUNS)
    ours = median(cost.seconds for cost in costs)
    near = 2 * fetch + 0.5
    yield Figure(
        f"{what}: this profiler",
        _told(costs),
        Goal(f"≤ twice the fetch and 0.5 s: {near:.2f} s", ours <= near)
        if "100 col" in what
        else None,
    )
    grown = max(cost.grown for cost in costs) / _MB
    most = 4 * rows.nbytes / _MB + 100
    yield Figure(
        f"{what}: growth of the Python process",
        f"{grown:.0f} MB, the sample is {rows.nbytes / _MB:.1f} MB",
        Goal(f"≤ {most:.0f} MB", grown <= most),
    )
    summarize = bench.summarize(rows)
    counts = [bench.count(rows, path).seconds for _ in range(_RUNS)]
    duckdb = [bench.count_with_duckdb(rows).seconds for _ in range(_RUNS)]
    yield Figure(
        f"{what}: counting the fetched sample, and DuckDB counting as much of it",
        f"{median(counts):.2f} s and {median(duckdb):.2f} s",
    )
    yield Figure(f"{what}: bare fetch of the sample", _told([cost for cost, _ in fetches]))
    yield Figure(f"{what}: DuckDB SUMMARIZE of the fetched sample", f"{summarize.seconds:.2f} s")
    if times is not None:
        stock, found = bench.stock(path)
        ratio = stock.seconds / ours
        yield Figure(
            f"{what}: stock DQX",
            f"{stock.seconds:.1f} s, {stock.jobs} jobs: {ratio:.0f} times ours; "
            f"{found} profiles, ours {profiles}",
            Goal(f"≥ {times} times, as many profiles", ratio >= times and found == profiles),
        )
    return ours


def _ours(bench: Bench, path: Path, runs: int, **changes: Any) -> tuple[Sequence[Cost], int]:
    measured = [bench.ours(path, **changes) for _ in range(runs)]
    return [cost for cost, _ in measured], measured[0][1].profiles


def _warm(bench: Bench, folder: Path) -> None:
    """Have Java compile what all of them use: a worker is warm, too."""
    path = made(bench.engine.session, folder, 5_000, 24)
    for _ in range(3):
        bench.ours(path)
        bench.fetch(path)
    bench.stock(path)


def _told(costs: Sequence[Cost]) -> str:
    seconds = [cost.seconds for cost in costs]
    jobs = max(cost.jobs for cost in costs)
    return (
        f"median {median(seconds):.2f} s, {min(seconds):.2f} to {max(seconds):.2f} s, "
        f"n = {len(seconds)}; {jobs} jobs"
    )
