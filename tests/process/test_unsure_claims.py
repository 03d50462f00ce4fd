"""A lease whose claim was not answered is found again, worked on or given back, and not charged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from tests.queue.conftest import attempts_of, count
from tests.support.options import LEDGER, database_options, password_of, queue_options
from tests.support.proxy import Proxy, Traffic
from tests.support.waiting import until
from worker.database.pool import Database
from worker.preflight.schema_watch import SchemaWatch
from worker.probes.health import Health
from worker.process.last_try import LastTries, Program
from worker.process.poller import Poller
from worker.process.signals import Stop
from worker.queue.claim import claim
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.wakeup import Wakeup

pytestmark = pytest.mark.anyio

QUEUE = queue_options(poll_interval=timedelta(milliseconds=20))


@dataclass(frozen=True, slots=True)
class Lossy:
    """A poller whose first claim was executed, and not answered."""

    poller: Poller
    heartbeat: Heartbeat
    health: Health
    database: Database
    run_id: str
    worked_on: list[str]


@pytest.fixture
async def lossy(database: Database, backend: Backend) -> AsyncIterator[Lossy]:
    wakeup, health = Wakeup(QUEUE.poll_interval), Health()
    health.session.well()
    # The heartbeat's connection does not go through the proxy.
    heartbeat = Heartbeat(database, QUEUE, "1", wakeup.wake)
    worked_on: list[str] = []

    async def work(lease: Lease) -> None:
        assert list(heartbeat.kept.values()) == [lease.token]
        worked_on.append(lease.run.id)

    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="c")
    async with Proxy.running(backend.worker.port) as proxy:
        options = database_options(
            backend.worker,
            port=proxy.port,
            lock_timeout=timedelta(seconds=5),
            statement_timeout=timedelta(seconds=0.5),
            command_timeout=timedelta(seconds=0.5),
        )
        async with Database.open(options, password_of(backend.worker)) as behind_proxy:
            poller = Poller(
                behind_proxy,
                QUEUE,
                work,
                heartbeat=heartbeat,
                wakeup=wakeup,
                health=health,
                watch=SchemaWatch(behind_proxy, health.schema, wakeup.wake),
                tables=LEDGER,
                last_tries=LastTries(Program([], {}), Stop()),
            )
            async with heartbeat.running():
                # Has the statement prepared: what is sent later is all of the claim.
                assert await poller._look() == []
                run_id = await backend.request("c", ["a"])
                await lose_the_answer(poller, proxy, database)
                yield Lossy(poller, heartbeat, health, database, run_id, worked_on)


async def lose_the_answer(poller: Poller, proxy: Proxy, database: Database) -> None:
    """Have a claim wait for a lock, and cut its connection off before it gets it."""
    async with anyio.create_task_group() as tasks:
        async with database.transaction() as gate:
            await gate.execute("LOCK TABLE attempts IN SHARE MODE")
            tasks.start_soon(poller._look)

            async def waits() -> bool:
                waiting: int = await gate.fetchval(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted"
                    " AND relation = 'attempts'::regclass"
                )
                return waiting == 1

            await until(waits, "the claim waits", seconds=5)
            proxy.treat(Traffic.DROP)

        async def taken() -> bool:
            return await count(database, "leases") == 1

        await until(taken, "the claim is executed", seconds=5)
        # Its answer is waited for until the deadline.
    proxy.treat(Traffic.FLOW)


@asynccontextmanager
async def polling(poller: Poller) -> AsyncIterator[None]:
    async def never() -> bool:
        return False

    async with anyio.create_task_group() as runs:
        runs.start_soon(poller.poll, runs, never)
        yield
        runs.cancel_scope.cancel()


async def test_it_is_worked_on(lossy: Lossy) -> None:
    # Meanwhile the worker neither sleeps nor ends.
    assert not lossy.poller.at_rest
    assert await lossy.poller.requests_left()

    async def begun() -> bool:
        return lossy.worked_on == [lossy.run_id]

    async with polling(lossy.poller):
        await until(begun, "the run is worked on", seconds=5)


@pytest.mark.parametrize("why", ["Spark is away", "no slot is free", "it stops"])
async def test_it_is_given_back_if_it_can_not_be_worked_on(lossy: Lossy, why: str) -> None:
    if why == "Spark is away":
        lossy.health.session.unwell("its server is away")
    elif why == "no slot is free":
        lossy.poller._in_flight.update(uuid4() for _ in range(QUEUE.slots))

    async def given_back() -> bool:
        return [one["outcome"] for one in await attempts_of(lossy.database, lossy.run_id)] == [
            "given_back"
        ]

    if why == "it stops":
        async with anyio.create_task_group() as runs:
            await lossy.poller.settle(runs)
        assert await given_back()
    else:
        async with polling(lossy.poller):
            await until(given_back, "the run is given back", seconds=5)
    assert lossy.worked_on == []
    assert not lossy.heartbeat.kept
    # Another worker has it for its first try.
    (again,) = await claim(lossy.database, queue_options(), 1)
    assert (again.run.id, again.attempt, again.tries) == (lossy.run_id, 2, 1)
