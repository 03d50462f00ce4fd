"""What makes a worker's event loop stand still: sizes that a request, a contract or a log has."""

import fcntl
import json
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from deploy.sandbox.insert_rows import insert
from deploy.sandbox.postgres import Postgres
from tests.bench_loop.setup import Place
from tests.support.figures import Figure, Goal

__all__ = ["SCENARIOS"]

_GOAL = 0.100
_WIDE = "stand_in.1.2000"
_TABLES = 100
_PIPE = 4096
# Tables that an earlier attempt has finished, each as wide as the one that was measured.
_COPY = """
INSERT INTO table_progress (run_id, schema_name, attempt, state, rows_sampled, columns,
                            suggestions, summary, begun_at, ended_at)
SELECT $2, 't' || number, 1, 'completed', rows_sampled, columns, suggestions, summary, begun_at,
       ended_at
FROM table_progress, generate_series(1, $3) AS number
WHERE run_id = $1
"""
_ABANDON = """
WITH attempt AS (
    INSERT INTO attempts (run_id, number, worker) VALUES ($1, 1, 'gone') RETURNING run_id, number
)
INSERT INTO leases (run_id, attempt, token, worker, expires_at)
SELECT run_id, number, gen_random_uuid(), 'gone', clock_timestamp() FROM attempt
"""

Scenario = Callable[[Postgres, Path], Awaitable[Figure]]


async def _measured(place: Place, what: str, schema_names: Sequence[str]) -> Figure:
    """Return the figure of one request with a worker that is ready."""
    with place.worker():
        await place.ready()
        began = time.monotonic()
        ended = await place.ended(await place.backend.request("c", schema_names))
        return _figure(place, what, began, ended=ended)


def _figure(place: Place, what: str, began: float, *, ended: bool) -> Figure:
    gap = place.longest_gap(began)
    took = f"the run took {time.monotonic() - began:.1f} s" if ended else "the run did not end"
    goal = Goal(f"≤ {_GOAL * 1000:.0f} ms", met=ended and gap <= _GOAL)
    return Figure(what, f"{gap * 1000:,.0f} ms; {took}", goal)


async def unknown_names(server: Postgres, folder: Path) -> Figure:
    """Have suggestions made for names that a contract lacks."""
    place = await Place.made(server, folder)
    await place.add_objects(*(f"sales_orders_of_region_{number:04}" for number in range(1000)))
    names = [f"sales_order_of_regions_{number:04}" for number in range(200)]
    return await _measured(place, "200 unknown names, a contract of 1,000 similar ones", names)


async def long_unknown_names(server: Postgres, folder: Path) -> Figure:
    """The same with names as long as Postgres and Spark hardly allow."""
    place = await Place.made(server, folder)
    await place.add_objects(*(f"{'orders_' * 27}{number:010}" for number in range(400)))
    names = [f"{'order_s' * 27}{number:010}" for number in range(200)]
    return await _measured(place, "200 unknown names, 400 similar ones, 199 characters each", names)


async def wide_end(server: Postgres, folder: Path) -> Figure:
    """End a run whose tables are done but for a small one."""
    place = await Place.made(server, folder)
    done = [f"t{number}" for number in range(1, _TABLES)]
    await place.add_objects("small", *done)
    with place.worker():
        await place.ready()
        wide = await _wide_table(place)
    async with place.backend.connection() as owner:
        run_id = await place.backend.request("c", ["small", *done])
        await owner.execute("UPDATE data_profiling_runs SET source = 'later' WHERE id = $1", run_id)
    async with place.own_tables() as connection:
        await connection.execute(_COPY, wide, run_id, _TABLES - 1)
    with place.worker():
        await place.ready()
        async with place.backend.connection() as owner:
            began = time.monotonic()
            await owner.execute(
                "UPDATE data_profiling_runs SET source = 'dqx' WHERE id = $1", run_id
            )
        ended = await place.ended(run_id)
        return _figure(
            place, f"the end of a run of {_TABLES} tables of 2,000 columns", began, ended=ended
        )


async def wide_rescue(server: Postgres, folder: Path) -> Figure:
    """Take over such a run, whose tries are used up, from a worker that is gone."""
    place = await Place.made(server, folder, DQX_WORKER_MAX_ATTEMPTS="1")
    await place.add_objects(*(f"t{number}" for number in range(1, _TABLES + 1)))
    with place.worker():
        await place.ready()
        wide = await _wide_table(place)
        run_id = "abandoned"
        async with place.own_tables() as connection:
            await connection.execute(_COPY, wide, run_id, _TABLES)
        async with place.backend.connection() as owner:
            await insert(
                owner,
                "data_profiling_runs",
                id=run_id,
                contract_id="c",
                schema_names="[]",
                status="running",
            )
        began = time.monotonic()
        async with place.own_tables() as connection:
            await connection.execute(_ABANDON, run_id)
        ended = await place.ended(run_id)
        return _figure(place, "the rescue of such a run", began, ended=ended)


async def _wide_table(place: Place) -> str:
    """Profile one wide table and return the id of its run."""
    async with place.backend.connection() as owner:
        await insert(
            owner,
            "data_contract_schema_objects",
            id="wide",
            contract_id="c",
            name="wide",
            physical_name=_WIDE,
        )
    run_id = await place.backend.request("c", ["wide"])
    if not await place.ended(run_id):
        raise AssertionError(f"the wide table was not profiled: see {place.folder}")
    return run_id


async def large_request(server: Postgres, folder: Path) -> Figure:
    """Read a request whose list of names has 10 MB."""
    place = await Place.made(server, folder)
    await place.add_objects("t")
    names = [f"name_{number:013}" for number in range(500_000)]
    size = len(json.dumps(names)) / 1_000_000
    return await _measured(place, f"schema_names of {size:.0f} MB", names)


async def large_checks(server: Postgres, folder: Path) -> Figure:
    """Read a contract's checks, whose YAML is long."""
    place = await Place.made(server, folder)
    await place.add_objects("t")
    allowed = "\n".join(f"      - value {number:06}" for number in range(460))
    text = f"check:\n  function: is_in_list\n  arguments:\n    column: c0\n    allowed:\n{allowed}"
    async with place.backend.connection() as owner:
        for number in range(1100):
            await insert(
                owner,
                "data_contract_quality_checks",
                id=f"q{number}",
                object_id="o0",
                name=f"q{number}",
                type="custom",
                engine="dqx",
                implementation=f"{text}\n      - of {number}\n",
            )
    return await _measured(place, f"1,100 checks of {len(text) / 1000:.1f} kB of YAML", ["t"])


async def unread_log(server: Postgres, folder: Path) -> Figure:
    """Log at DEBUG to a pipe that nobody reads."""
    place = await Place.made(server, folder, DQX_WORKER_LOG_LEVEL="debug")
    await place.add_objects("t")
    pipe = place.folder / "unread"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, _PIPE)
    try:
        with place.worker(pipe):
            await place.ready()
            began = time.monotonic()
            ended = await place.ended(*[await place.backend.request("c", ["t"]) for _ in range(30)])
            return _figure(place, "30 runs, and nobody reads the log", began, ended=ended)
    finally:
        os.close(reading)


SCENARIOS: dict[str, Scenario] = {
    "names": unknown_names,
    "long-names": long_unknown_names,
    "end": wide_end,
    "rescue": wide_rescue,
    "request": large_request,
    "checks": large_checks,
    "log": unread_log,
}
