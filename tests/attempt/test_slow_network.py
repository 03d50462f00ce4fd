"""At a round trip of 400 ms runs end as they do at one of none, and what is too slow ends a run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.sandbox.backend import Backend
from tests.attempt.conftest import QUICK, Request, attempts, in_state, taken, working
from tests.queue.conftest import attempts_of, count
from tests.support.options import LEDGER, database_options, password_of
from tests.support.proxy import Proxy, Traffic
from tests.support.runs import row
from tests.support.scripted_profiler import Scripted, profiled, until_interrupted
from tests.support.waiting import until
from worker.attempt.outcome import Ended, Outcome, TakenAway
from worker.database.pool import Database
from worker.runs.cancel import cancel

pytestmark = pytest.mark.anyio

ONE_WAY = 0.2


@asynccontextmanager
async def far_away(backend: Backend) -> AsyncIterator[tuple[Database, Proxy]]:
    async with Proxy.running(backend.worker.port) as proxy:
        options = database_options(replace(backend.worker, port=proxy.port))
        async with Database.open(options, password_of(backend.worker)) as database:
            yield database, proxy


async def test_a_run_that_passes_its_deadline_ends_at_a_round_trip_of_400_ms(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    lease = await taken(database)
    limited = attempts(Scripted(a=[until_interrupted]), run_deadline=timedelta(seconds=1))
    async with far_away(backend) as (far, proxy):
        proxy.treat(Traffic.DELAY, delay=ONE_WAY)
        assert isinstance(await limited.work(replace(lease, database=far)), Ended)
    run = await row(backend, run_id)
    assert (run["status"], "was not done within 1 s" in run["error_message"]) == ("failed", True)


async def test_an_operators_cancel_ends_the_run_at_a_round_trip_of_400_ms(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    done: list[Outcome] = []
    async with far_away(backend) as (far, proxy):
        lease = replace(await taken(database), database=far)
        async with working(attempts(Scripted(a=[until_interrupted])), lease, done):
            await in_state(database, run_id, {"a": "profiling"})
            proxy.treat(Traffic.DELAY, delay=ONE_WAY)
            await cancel(database, QUICK, LEDGER, run_id, "Cancelled by ann: enough")
    assert done == [TakenAway("Cancelled by ann: enough")]
    assert (await row(backend, run_id))["status"] == "failed"


async def test_a_worker_that_stops_gives_its_run_back_at_a_round_trip_of_400_ms(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    done: list[Outcome] = []
    async with far_away(backend) as (far, proxy):
        lease = replace(await taken(database), database=far)
        async with working(attempts(Scripted(a=[until_interrupted])), lease, done) as tasks:
            await in_state(database, run_id, {"a": "profiling"})
            proxy.treat(Traffic.DELAY, delay=ONE_WAY)
            tasks.cancel_scope.cancel()
    assert (await row(backend, run_id))["status"] == "pending"
    assert [one["outcome"] for one in await attempts_of(database, run_id)] == ["given_back"]
    assert await count(database, "leases") == 0


async def test_reading_that_is_always_too_slow_ends_the_run_with_words(
    backend: Backend, database: Database, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    objects = "data_contract_schema_objects"
    async with backend.connection() as owner:
        await owner.execute(f"ALTER TABLE {objects} RENAME TO plain")
        slow = f"CREATE VIEW {objects} AS SELECT plain.* FROM plain, pg_sleep(30)"
        await owner.execute(slow)
        await owner.execute(f"GRANT SELECT ON {objects} TO PUBLIC")
    impatient = database_options(backend.worker, statement_timeout=timedelta(milliseconds=200))
    async with Database.open(impatient, password_of(backend.worker)) as hurried:
        lease = replace(await taken(database), database=hurried)
        outcome = await attempts(Scripted(a=[profiled])).work(lease)
    assert isinstance(outcome, Ended)
    run = await row(backend, run_id)
    assert run["status"] == "failed"
    assert "canceling statement due to statement timeout" in run["error_message"]


async def test_reading_that_never_gets_its_lock_ends_with_the_runs_deadline(
    backend: Backend, database: Database, request_tables: Request
) -> None:
    """All of the attempt lies inside the deadline, the plan, too."""
    run_id = await request_tables("a")
    done: list[Outcome] = []
    limited = attempts(Scripted(a=[profiled]), run_deadline=timedelta(seconds=1.5))
    async with backend.connection() as owner, owner.transaction():
        await owner.execute("LOCK TABLE data_contract_schema_objects")
        async with working(limited, await taken(database), done):

            async def over() -> bool:
                return bool(done) or await count(database, "attempts WHERE ended_at IS NULL") == 0

            await until(over, "the attempt ends though the lock is held", seconds=15)
            # The end itself moves suggestions, for which it reads the locked table in vain.
    assert isinstance(done[0], Ended)
    run = await row(backend, run_id)
    assert (run["status"], "was not done within 1.5 s" in run["error_message"]) == ("failed", True)
