"""What is measured: samples of wide and of long tables, whole tables, several tables at once."""

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench_profile.bench import Bench
from tests.bench_profile.measure import Cost
from tests.bench_profile.tables import lineitem, made, with_variant
from tests.support.figures import Figure, Goal
from worker.sampling.sample_facts import Sampling

__all__ = ["at_once", "big", "long", "odd", "tpch", "whole", "wide"]

_RUNS = 5
_TABLES, _AT_ONCE = 20, 4
_MB = 1_000_000
_FEW = 5_000


def wide(bench: Bench, folder: Path) -> Iterator[Figure]:
    """Tables of 5,000 rows and up to 1,000 columns, beside stock DQX and the bare fetch."""
    _warm(bench, folder)
    medians = {}
    for columns, times in ((12, 20), (100, 100), (1000, None)):
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
    """Whole tables: one that is fetched, beside stock DQX, and one that Spark counts."""
    _warm(bench, folder)
    for rows, columns, most in ((100_000, 50, None), (10_000_000, 5, 15)):
        path = made(bench.engine.session, folder, rows, columns)
        what = f"whole table, {rows:,} rows, {columns} columns"
        costs, profiles = _ours(bench, path, 3, sample_limit=None)
        ours = median(cost.seconds for cost in costs)
        goal = Goal(f"≤ {most} s", ours <= most) if most else None
        yield Figure(f"{what}: this profiler", _told(costs), goal)
        duckdb = bench.summarize_files(path)
        yield Figure(f"{what}: DuckDB SUMMARIZE of its files", f"{duckdb.seconds:.1f} s")
        if most is None:
            stock, found = bench.stock(path, limit=None)
            ratio = stock.seconds / ours
            yield Figure(
                f"{what}: stock DQX",
                f"{stock.seconds:.1f} s, {stock.jobs} jobs: {ratio:.0f} times ours; "
                f"{found} profiles, ours {profiles}",
                Goal("≥ 10 times, as many profiles", ratio >= 10 and found == profiles),
            )


def odd(bench: Bench, folder: Path) -> Iterator[Figure]:
    """A table of a hundred columns, and the same with one that stock DQX has to profile."""
    _warm(bench, folder)
    plain = made(bench.engine.session, folder, _FEW, 100)
    variant = with_variant(bench.engine.session, folder, plain)
    without, _ = _ours(bench, plain, _RUNS)
    beside, _ = _ours(bench, variant, _RUNS)
    ratio = median(one.seconds for one in beside) / median(one.seconds for one in without)
    yield Figure(
        f"{_FEW:,} rows, 100 columns, and a VARIANT beside them",
        f"{_told(without)}, and {_told(beside)}: {ratio:.1f} times",
        Goal("≤ 1.5 times", ratio <= 1.5),
    )


def big(bench: Bench, folder: Path) -> Iterator[Figure]:
    """A table of a hundred million rows: its sample and the rows that are held out."""
    _warm(bench, folder)
    path = made(bench.engine.session, folder, 100_000_000, 5)
    what = "100,000,000 rows, 5 columns"
    tried = [bench.tried(path, sampling=Sampling.REPRESENTATIVE) for _ in range(3)]
    seconds = median(one.seconds for one in tried)
    yield Figure(
        f"{what}: from its name to the evidence", _told(tried), Goal("≤ 5 s", seconds <= 5)
    )
    scan, _ = bench.measured(lambda: _scanned(bench, path))
    yield Figure(f"{what}: Spark reads all values and does nothing else", f"{scan.seconds:.1f} s")
    duckdb = bench.sample_files(path)
    yield Figure(f"{what}: DuckDB draws 5,000 random rows of its files", f"{duckdb.seconds:.1f} s")


def _scanned(bench: Bench, path: Path) -> None:
    bench.engine.session.read.parquet(str(path)).write.format("noop").mode("append").save()


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
    yield Figure(f"{what}: this profiler", _told(costs))
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
    yield Figure(
        f"{what}: bare fetch of the sample",
        f"{_told([cost for cost, _ in fetches])}; ours is {ours / fetch:.1f} times as long",
        Goal("≤ 1.3 times", ours <= 1.3 * fetch) if times == 100 else None,
    )
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
