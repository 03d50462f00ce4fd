"""How often a worker looks for requests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.rows import insert
from tests.support.options import queue_options
from worker.database.errors import DatabaseUnavailable
from worker.database.pool import Database
from worker.process import poller as poller_module
from worker.process.health import Health, Part
from worker.process.poller import Poller
from worker.process.schema_watch import SchemaWatch
from worker.queue.claim import claim
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.run import Run
from worker.queue.wakeup import _IDLE_AFTER, Wakeup

pytestmark = pytest.mark.anyio

OPTIONS = queue_options()


async def test_a_worker_that_finds_a_request_now_and_then_does_not_slow_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where it finds one at a time, and has a slot left: then its next look is in vain."""
    in_vain: list[int] = []

    class Recording(Wakeup):
        async def wait(self) -> None:
            await super().wait()
            in_vain.append(self._in_vain)

    async def enough() -> bool:
        return len(in_vain) == 3 * _IDLE_AFTER

    async def no_work(lease: Lease) -> None:
        """End at once."""

    none, wakeup = cast("Database", None), Recording(timedelta(0))
    poller = Poller(
        none,
        queue_options(),
        no_work,
        heartbeat=Heartbeat(none, queue_options(), "1", wakeup.wake),
        wakeup=wakeup,
        health=Health(),
        watch=a_watch(none),
    )
    looks = 0

    async def look() -> Sequence[Lease]:
        nonlocal looks
        looks += 1
        return [] if looks % 5 else [a_lease()]

    monkeypatch.setattr(poller, "_look", look)
    async with anyio.create_task_group() as runs:
        await poller.poll(runs, enough)
    assert max(in_vain) < _IDLE_AFTER


async def test_while_the_heartbeat_or_spark_fails_nothing_is_claimed(
    database: Database, backend: Backend
) -> None:
    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="c")
    run_id = await backend.request("c", ["a"])
    wakeup = Wakeup(timedelta(0))
    heartbeat = Heartbeat(database, queue_options(), "1", wakeup.wake)
    claimed: list[str] = []

    async def work(lease: Lease) -> None:
        claimed.append(lease.run.id)

    health = Health()
    health.session.well()
    poller = Poller(
        database,
        queue_options(),
        work,
        heartbeat=heartbeat,
        wakeup=wakeup,
        health=health,
        watch=a_watch(database),
    )
    looks = iter([False, True])

    async def second_look() -> bool:
        return next(looks)

    async with anyio.create_task_group() as runs:
        await poller.poll(runs, second_look)
    assert claimed == []
    async with heartbeat.running():
        for well in (False, True):
            if well:
                health.session.well()
            else:
                health.session.unwell("its server is away")
            looks = iter([False, True])
            async with anyio.create_task_group() as runs:
                await poller.poll(runs, second_look)
            assert claimed == ([run_id] if well else [])


@pytest.mark.parametrize(
    ("delay", "slots", "spark", "noted"),
    [
        (timedelta(0), 2, True, False),
        # One that has to wait for a slot, for its age, or for Spark.
        (timedelta(0), 1, True, True),
        (timedelta(minutes=1), 2, True, True),
        (timedelta(0), 2, False, True),
    ],
)
async def test_a_look_notes_the_requests_that_it_leaves(
    database: Database,
    backend: Backend,
    *,
    delay: timedelta,
    slots: int,
    spark: bool,
    noted: bool,
) -> None:
    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="c")
    for _ in range(2):
        await backend.request("c", ["a"])
    options = queue_options(claim_delay=delay, slots=slots)
    wakeup = Wakeup(timedelta(0))
    heartbeat = Heartbeat(database, options, "1", wakeup.wake)
    over = anyio.Event()

    async def work(_: Lease) -> None:
        await over.wait()

    async def end() -> bool:
        over.set()
        return True

    health = Health()
    if spark:
        health.session.well()
    poller = Poller(
        database,
        options,
        work,
        heartbeat=heartbeat,
        wakeup=wakeup,
        health=health,
        watch=a_watch(database),
    )
    async with heartbeat.running(), anyio.create_task_group() as runs:
        await poller.poll(runs, end)
    async with database.connection() as connection:
        assert bool(await connection.fetchval("SELECT count(*) FROM requests_seen")) is noted


async def test_what_a_claim_took_whose_answer_got_lost_is_worked_on(
    database: Database, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="c")
    run_id = await backend.request("c", ["a"])
    wakeup = Wakeup(timedelta(0))
    heartbeat = Heartbeat(database, OPTIONS, "1", wakeup.wake)
    claimed: list[str] = []
    answers = iter([False])

    async def claim_and_lose(*arguments: Any) -> list[Lease]:
        leases = await claim(*arguments)
        if not next(answers, True):
            raise DatabaseUnavailable("the connection was lost")
        return leases

    monkeypatch.setattr(poller_module, "claim", claim_and_lose)

    async def work(lease: Lease) -> None:
        claimed.append(lease.run.id)

    health = Health()
    health.session.well()
    poller = Poller(
        database,
        OPTIONS,
        work,
        heartbeat=heartbeat,
        wakeup=wakeup,
        health=health,
        watch=a_watch(database),
    )
    looks = iter([False, False, True])

    async def third_look() -> bool:
        return next(looks)

    async with heartbeat.running(), anyio.create_task_group() as runs:
        await poller.poll(runs, third_look)
    assert claimed == [run_id]


def a_watch(database: Database) -> SchemaWatch:
    return SchemaWatch(database, Part(None), lambda: None)


def a_lease() -> Lease:
    return Lease(
        run=Run(str(uuid4()), "c", None, None, timedelta(0)),
        attempt=1,
        token=uuid4(),
        database=cast("Database", None),
    )
