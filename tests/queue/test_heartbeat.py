"""The heartbeat renews leases, notices what was lost, and listens."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from tests.queue.conftest import Insert
from tests.support.options import LEDGER, database_options, password_of, queue_options
from tests.support.waiting import until
from worker.database.migrate import migrate
from worker.database.pool import Database
from worker.queue.claim import claim
from worker.queue.finish import finish
from worker.queue.heartbeat import Heartbeat
from worker.queue.requests import enqueue
from worker.queue.verdict import RunStatus, Verdict

pytestmark = pytest.mark.anyio

OPTIONS = queue_options(lease=timedelta(milliseconds=300))


async def test_a_lease_is_renewed_past_its_first_life(database: Database, insert: Insert) -> None:
    await insert("r")
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)
    async with heartbeat.running():
        (lease,) = await claim(database, OPTIONS, 1)
        heartbeat.add(lease)
        first = await _expiry(database)

        async def renewed() -> bool:
            return await _expiry(database) > first + OPTIONS.lease

        await until(renewed, "the lease lives longer than it was given")
        assert not lease.scope.cancel_called


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE dqx_worker.leases SET token = gen_random_uuid()",
        "DELETE FROM dqx_worker.leases",
        "UPDATE public.data_profiling_runs SET status = 'cancelled'",
        "DELETE FROM public.data_profiling_runs",
    ],
)
async def test_a_lost_or_overruled_lease_cancels_its_own_scope_alone(
    database: Database, backend: Backend, insert: Insert, change: str
) -> None:
    await insert("r", age=10)
    await insert("other")
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)
    async with heartbeat.running():
        lease, other = await claim(database, OPTIONS, 2)
        heartbeat.add(lease)
        heartbeat.add(other)
        if "dqx_worker" in change:
            async with database.connection() as connection:
                await connection.execute(f"{change} {_where(change)}")
        else:
            async with backend.connection() as owner:
                await owner.execute(f"{change} {_where(change)}")

        async def cancelled() -> bool:
            return lease.scope.cancel_called

        await until(cancelled, "the lease's scope is cancelled")
        assert not other.scope.cancel_called


async def test_a_lease_that_was_closed_by_its_attempt_is_not_lost(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)
    async with heartbeat.running():
        (lease,) = await claim(database, OPTIONS, 1)
        heartbeat.add(lease)
        await finish(lease, LEDGER, Verdict(RunStatus.COMPLETED, "{}"))
        seen = await _seen(database)

        async def beaten_twice() -> bool:
            return await _seen(database) > seen + OPTIONS.lease

        await until(beaten_twice, "two more beats")
        assert not lease.scope.cancel_called


async def test_a_notification_wakes_the_worker(database: Database, insert: Insert) -> None:
    woken = anyio.Event()
    ready = False

    def wake() -> None:
        if ready:
            woken.set()

    async with Heartbeat(database, OPTIONS, "1", wake).running():
        ready = True
        await enqueue(database, contract_id="c", schema_names=["a"], triggered_by="test")
        with anyio.fail_after(10):
            await woken.wait()


async def test_a_heartbeat_survives_the_loss_of_its_connection(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)
    async with heartbeat.running():
        (lease,) = await claim(database, OPTIONS, 1)
        heartbeat.add(lease)
        async with database.connection() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename = current_user "
                "AND pid <> pg_backend_pid()"
            )

        async def unhealthy() -> bool:
            return not heartbeat.healthy

        async def healthy() -> bool:
            return heartbeat.healthy

        await until(unhealthy, "the heartbeat notices")
        before = await _expiry(database)
        await until(healthy, "the heartbeat is back")

        async def renewed() -> bool:
            return await _expiry(database) > before

        await until(renewed, "the lease is renewed again, though it had expired")
        assert not lease.scope.cancel_called


async def test_a_worker_that_was_cut_off_waits_one_lease_before_it_takes_anything_over(
    database: Database, backend: Backend, server: Postgres
) -> None:
    options = queue_options(lease=timedelta(seconds=1))
    heartbeat = Heartbeat(database, options, "1", lambda: None)
    name = backend.worker.database

    async def settled() -> bool:
        return heartbeat.may_rescue

    admin = await server.admin.connect()
    try:
        async with heartbeat.running():
            assert await settled()
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
            began = time.monotonic()

            async def cut_off() -> bool:
                return not heartbeat.healthy and time.monotonic() - began > 2

            await until(cut_off, "it is cut off for longer than a lease")
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

            async def back() -> bool:
                return heartbeat.healthy

            await until(back, "the heartbeat is back")
            since = time.monotonic()
            assert not await settled()
            await until(settled, "it has waited")
            assert time.monotonic() - since > 0.8
    finally:
        await admin.close()


async def test_a_beat_tells_when_the_next_lease_of_another_worker_expires(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    await claim(database, queue_options(lease=timedelta(seconds=1)), 1)
    heartbeat = Heartbeat(database, queue_options(), "1", lambda: None)
    async with heartbeat.running():
        assert heartbeat.others
        with anyio.fail_after(10):
            # Its own next beat would come after a whole lease, 15 s.
            await heartbeat.expired.wait()


def _where(change: str) -> str:
    return "WHERE run_id = 'r'" if "leases" in change else "WHERE id = 'r'"


async def _expiry(database: Database) -> datetime:
    async with database.connection() as connection:
        found: datetime = await connection.fetchval("SELECT max(expires_at) FROM leases")
    return found


async def _seen(database: Database) -> datetime:
    async with database.connection() as connection:
        found: datetime = await connection.fetchval("SELECT max(last_seen) FROM workers")
    return found


async def test_its_connection_is_replaced_when_it_is_too_old(backend: Backend) -> None:
    options = database_options(
        backend.worker,
        application_name="old heartbeat",
        connection_age=timedelta(milliseconds=400),
    )
    await migrate(options, password_of(backend.worker))
    async with (
        Database.open(options, password_of(backend.worker)) as database,
        backend.connection() as owner,
    ):
        await database.rest()
        heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)
        async with heartbeat.running():
            pids: set[int] = set()

            async def replaced() -> bool:
                rows = await owner.fetch(
                    "SELECT pid FROM pg_stat_activity WHERE application_name = 'old heartbeat'"
                )
                pids.update(row["pid"] for row in rows)
                return len(pids) > 1

            await until(replaced, "another connection beats")
            assert heartbeat.healthy


async def test_a_later_start_waits_for_a_database_that_is_away(database: Database) -> None:
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)
    async with heartbeat.running():
        pass
    away = replace(database.options, port=1)
    there, database.options = database.options, away
    async with heartbeat.running():
        assert not heartbeat.healthy
        database.options = there

        async def healthy() -> bool:
            return heartbeat.healthy

        await until(healthy, "the heartbeat reaches the database")
