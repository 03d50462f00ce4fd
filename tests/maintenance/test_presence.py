"""Workers are alive, silent, lost or stopped, and one of those alive keeps house for all."""

from datetime import timedelta

import pytest

from deploy.sandbox.backend import Backend
from tests.support.contracts import contract
from tests.support.options import LEDGER, queue_options
from worker.database.pool import Database
from worker.maintenance.presence import note_rest, noted_stop, takes_maintenance
from worker.queue.claim import claim
from worker.queue.finish_lease import give_back
from worker.queue.heartbeat import Heartbeat
from worker.queue.options import QueueOptions
from worker.queue.renew_leases import renew
from worker.runs.queue_state import read_queue, read_workers

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> QueueOptions:
    return queue_options(slots=2)


async def beat_once(database: Database, options: QueueOptions) -> None:
    async with Heartbeat(database, options, "1", lambda: None).running():
        pass


async def seen_ago(database: Database, options: QueueOptions, ago: timedelta) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE workers SET last_seen = now() - $2::interval WHERE id = $1", options.worker, ago
        )


async def states(database: Database) -> tuple[list[str], tuple[int, int, int]]:
    """Return the states of the workers, and what the queue counts: alive, silent, slots."""
    queue = await read_queue(database)
    counted = (queue["workers_alive"], queue["workers_silent"], queue["slots"])
    return [one["state"] for one in await read_workers(database, 10)], counted


async def test_a_worker_that_is_not_heard_from_for_two_leases_is_silent(
    database: Database, options: QueueOptions
) -> None:
    await beat_once(database, options)
    assert await states(database) == (["alive"], (1, 0, 2))
    await seen_ago(database, options, timedelta(seconds=29))
    assert await states(database) == (["alive"], (1, 0, 2))
    await seen_ago(database, options, timedelta(seconds=31))
    assert await states(database) == (["silent"], (0, 1, 0))
    # It may have been cut off.
    await beat_once(database, options)
    assert await states(database) == (["alive"], (1, 0, 2))


async def test_a_worker_with_runs_in_work_is_silent_after_half_a_lease(
    backend: Backend, database: Database, options: QueueOptions
) -> None:
    await backend.add_contract(contract("c", orders="main.shop.orders"))
    await backend.request("c", ["orders"])
    (lease,) = await claim(database, options, 1)
    async with database.connection() as connection:
        await beat_once(database, options)
        await renew(connection, options, {lease.run.id: lease.token})
        await seen_ago(database, options, options.lease / 2 - timedelta(seconds=1))
        assert await states(database) == (["alive"], (1, 0, 2))
        await seen_ago(database, options, options.lease / 2 + timedelta(seconds=1))
        assert await states(database) == (["silent"], (0, 1, 0))
        # It has ended its runs, and rests between two beats for longer.
        await renew(connection, options, {})
        await seen_ago(database, options, timedelta(seconds=29))
        assert await states(database) == (["alive"], (1, 0, 2))


async def test_a_silent_worker_is_lost_after_ten_minutes_if_it_holds_no_run(
    backend: Backend, database: Database, options: QueueOptions
) -> None:
    await backend.add_contract(contract("c", orders="main.shop.orders"))
    await backend.request("c", ["orders"])
    (lease,) = await claim(database, options, 1)
    await beat_once(database, options)
    await seen_ago(database, options, timedelta(hours=1))
    assert await states(database) == (["silent"], (0, 1, 0))
    await give_back(lease, LEDGER, "taken over")
    assert await states(database) == (["lost"], (0, 0, 0))
    await seen_ago(database, options, options.silent_after + timedelta(minutes=9))
    assert await states(database) == (["silent"], (0, 1, 0))
    await seen_ago(database, options, options.silent_after + timedelta(minutes=11))
    assert await states(database) == (["lost"], (0, 0, 0))
    await beat_once(database, options)
    assert await states(database) == (["alive"], (1, 0, 2))


async def test_a_long_lease_has_long_pauses_between_two_beats(database: Database) -> None:
    options = queue_options(slots=2, lease=timedelta(hours=1))
    await beat_once(database, options)
    await seen_ago(database, options, timedelta(minutes=119))
    assert await states(database) == (["alive"], (1, 0, 2))


async def test_a_worker_that_ends_notes_it(database: Database, options: QueueOptions) -> None:
    await beat_once(database, options)
    with pytest.raises(ZeroDivisionError):
        async with noted_stop(database, options.worker):
            raise ZeroDivisionError
    assert await states(database) == (["stopped"], (0, 0, 0))


async def test_a_worker_that_rests_is_not_silent(database: Database, options: QueueOptions) -> None:
    await beat_once(database, options)
    await note_rest(database, options.worker, timedelta(minutes=10))
    await seen_ago(database, options, timedelta(minutes=10))
    assert await states(database) == (["alive"], (1, 0, 2))
    await seen_ago(database, options, timedelta(minutes=11))
    assert await states(database) == (["silent"], (0, 1, 0))
    await beat_once(database, options)
    await seen_ago(database, options, timedelta(minutes=1))
    assert await states(database) == (["silent"], (0, 1, 0))


async def test_one_worker_keeps_house_until_it_stops_or_is_silent(database: Database) -> None:
    first, second, third = (queue_options() for _ in range(3))
    for one in (first, second, third):
        await beat_once(database, one)

    async def keepers() -> list[bool]:
        return [
            await takes_maintenance(database, one.worker) for one in (third, second, first, second)
        ]

    assert await takes_maintenance(database, first.worker)
    assert await keepers() == [False, False, True, False]
    async with noted_stop(database, first.worker):
        pass
    assert await takes_maintenance(database, second.worker)
    assert not await takes_maintenance(database, third.worker)
    await seen_ago(database, second, timedelta(minutes=1))
    assert await takes_maintenance(database, third.worker)
    assert not await takes_maintenance(database, second.worker)
