"""What a claim costs the server, by how much waits beside 100,000 runs that ended."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import asyncpg

from deploy.sandbox.postgres import Postgres
from tests.bench_queue.setup import Place
from tests.support.crowded_database import add_requests, load_rows
from tests.support.figures import Figure, Goal
from tests.support.options import database_options, password_of
from worker.database.open_connection import connect
from worker.database.sql import load_sql

__all__ = ["OWNERS_INDEX", "claims"]

FINISHED = 100_000
WAITING = (100, 1_000, 10_000, 100_000)
OWNERS_INDEX = """\
CREATE INDEX CONCURRENTLY data_profiling_runs_waiting ON data_profiling_runs (started_at, id)
    WHERE status = 'pending' AND source = 'dqx' AND run_id IS NULL;"""
_DROP = "DROP INDEX data_profiling_runs_waiting"

# Postgres plans a prepared statement five times anew, and then may keep one plan.
_WARM_UP = 8
_TRIES = 51
_CLAIM = load_sql("worker.queue", "claim").completed("public")
# As a worker at default settings asks: 2 slots, a lease of 15 s, 2 runs of a contract.
_EXECUTE = (
    "EXECUTE claim ('2', 'bench', '0', '15 s', '2', '5 min', '7 days', '250', '250001', '200')"
)
_KEPT_PLANS = "SELECT generic_plans FROM pg_prepared_statements WHERE name = 'claim'"
_MOST_MS = 5.0
_MOST_GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians in ms: planning, execution, and their sum."""

    total: float
    planning: float
    execution: float
    kept_plan: bool
    """Whether all of them had one plan, made without knowledge of the parameters."""
    index: bool
    """Whether the last one used the owner's index."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a claim costs that is planned each time, and one as a worker's connection plans it."""

    planned: Cost
    prepared: Cost

    @property
    def most(self) -> float:
        """The larger total."""
        return max(self.planned.total, self.prepared.total)

    def __str__(self) -> str:
        planned, prepared = self.planned, self.prepared
        kept = "a kept plan" if prepared.kept_plan else "no kept plan"
        return (
            f"{planned.total:.2f} ms (planning {planned.planning:.2f}, execution "
            f"{planned.execution:.2f}); prepared {prepared.total:.2f} ms, {kept}"
        )


async def claims(server: Postgres, folder: Path) -> AsyncIterator[Figure]:
    """Measure, and report each size at once."""
    place = await Place.make(server, folder)
    await load_rows(place.backend, finished=FINISHED)
    options = database_options(place.backend.worker, statement_timeout=timedelta(minutes=1))
    connection = await connect(options, password_of(place.backend.worker))
    indexed: dict[int, Costs] = {}
    try:
        done = 0
        for waiting in WAITING:
            await add_requests(place.backend, done + 1, waiting)
            done = waiting
            async with place.backend.connection() as owner:
                await owner.execute("VACUUM ANALYZE data_profiling_runs")
                bare = await _costs(connection)
                yield Figure(
                    f"claim, {waiting:,} waiting, the backend's indexes alone",
                    str(bare),
                    _at_most(bare, _MOST_MS) if waiting == 1_000 else None,
                )
                await owner.execute(OWNERS_INDEX)
                indexed[waiting] = cost = await _costs(connection)
                await owner.execute(_DROP)
            yield Figure(
                f"claim, {waiting:,} waiting, with the owner's index"
                + ("" if cost.planned.index and cost.prepared.index else ", which was not used"),
                str(cost),
                _at_most(cost, _MOST_MS) if waiting == 1_000 else None,
            )
    finally:
        await connection.close()
    few, many = indexed[100], indexed[10_000]
    for way, growth in (
        ("planned each time", many.planned.total / few.planned.total),
        ("prepared", many.prepared.total / few.prepared.total),
    ):
        yield Figure(
            f"claim with that index, {way}: 10,000 waiting to 100",
            f"{growth:.2f} times",
            Goal(f"≤ {_MOST_GROWTH} times", growth <= _MOST_GROWTH),
        )


def _at_most(costs: Costs, most: float) -> Goal:
    return Goal(f"≤ {most:g} ms", costs.most <= most)


async def _costs(connection: asyncpg.Connection) -> Costs:
    mode = await connection.fetchval("SHOW plan_cache_mode")
    await connection.execute("SET plan_cache_mode = force_custom_plan")
    planned = await _cost(connection)
    await connection.execute(f"SET plan_cache_mode = {mode}")
    return Costs(planned, await _cost(connection))


async def _cost(connection: asyncpg.Connection) -> Cost:
    """Return the medians of claims that are rolled back."""
    await connection.execute(f"PREPARE claim AS {_CLAIM}")
    try:
        for _ in range(_WARM_UP):
            await _explained(connection)
        kept_before = await connection.fetchval(_KEPT_PLANS)
        answers = [await _explained(connection) for _ in range(_TRIES)]
        kept = await connection.fetchval(_KEPT_PLANS) - kept_before
    finally:
        await connection.execute("DEALLOCATE claim")
    planning, execution = (
        [float(answer[name]) for answer in answers] for name in ("Planning Time", "Execution Time")
    )
    return Cost(
        total=_median_of_sums(planning, execution),
        planning=median(planning),
        execution=median(execution),
        kept_plan=kept == _TRIES,
        index="data_profiling_runs_waiting" in json.dumps(answers[-1]),
    )


def _median_of_sums(first: Sequence[float], second: Sequence[float]) -> float:
    return median(one + other for one, other in zip(first, second, strict=True))


async def _explained(connection: asyncpg.Connection) -> dict[str, float]:
    transaction = connection.transaction()
    await transaction.start()
    try:
        text = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {_EXECUTE}")
    finally:
        await transaction.rollback()
    (answer,) = json.loads(text)
    assert isinstance(answer, dict)
    return answer
