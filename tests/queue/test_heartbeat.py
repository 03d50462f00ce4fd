"""The heartbeat renews leases, notices what was lost, and listens."""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert as insert_row
from deploy.sandbox.postgres import Postgres
from tests.queue.conftest import Insert, expire
from tests.support.options import LEDGER, database_options, password_of, queue_options
from tests.support.waiting import until
from worker.database.errors import DatabaseError, DatabaseUnavailable
from worker.database.migrate import migrate
from worker.database.pool import Database
from worker.queue.claim import claim
from worker.queue.claim_run import claim_run
from worker.queue.claimed_run import Run
from worker.queue.finish_lease import finish, give_back
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.renew_leases import Beat, RenewedLease
from worker.queue.run_result import RunResult, RunStatus
from worker.queue.vanished_schemas import stop_vanished
from worker.runs.requests import enqueue

pytestmark = pytest.mark.anyio

OPTIONS = queue_options(lease=timedelta(milliseconds=300))


async def test_a_lease_is_renewed_past_its_first_life(database: Database, insert: Insert) -> None:
    await insert("r")
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)
    async with heartbeat.running():
        (lease,) = await claim(database, OPTIONS, 1)
        await heartbeat.add(lease)
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
        "UPDATE public.data_profiling_runs SET run_id = '7'",
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
        await heartbeat.add(lease)
        await heartbeat.add(other)
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
        await heartbeat.add(lease)
        await finish(lease, LEDGER, RunResult(RunStatus.COMPLETED, "{}"))
        seen = await _seen(database)

        async def beaten_twice() -> bool:
            return await _seen(database) > seen + OPTIONS.lease

        await until(beaten_twice, "two more beats")
        assert not lease.scope.cancel_called


async def test_the_run_id_of_a_jobs_run_is_its_own(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    lease = await claim_run(
        database,
        OPTIONS,
        run_id="r",
        contract_id="c",
        schema_names="[]",
        patience=timedelta(0),
    )
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET run_id = '7'")
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)
    await heartbeat.add(lease)
    # The first beat is over by then.
    async with heartbeat.running():
        assert not lease.scope.cancel_called


async def test_its_own_leases_are_none_to_rescue(database: Database, insert: Insert) -> None:
    await insert("r")
    (lease,) = await claim(database, OPTIONS, 1)
    await expire(database)
    renewed_at = "SELECT renewed_at FROM leases"
    async with database.connection() as connection:
        before = await connection.fetchval(renewed_at)
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)
    await heartbeat.add(lease)
    async with heartbeat.running():
        assert not heartbeat.expired.is_set()
        assert not heartbeat.others
    async with database.connection() as connection:
        assert await connection.fetchval(renewed_at) > before


async def test_a_schema_vanishes_from_its_own_contract_alone(
    database: Database, backend: Backend
) -> None:
    async with backend.connection() as owner:
        for contract in ("c", "d"):
            await insert_row(owner, "data_contracts", id=contract, name=contract)
        await insert_row(
            owner, "data_contract_schema_objects", id="o", contract_id="d", name="orders"
        )
    gone, there = (
        Lease(Run("r", contract, None, None, timedelta(0)), 1, uuid4(), database)
        for contract in ("c", "d")
    )
    with gone.watching("orders") as stopped, there.watching("orders") as kept:
        async with database.connection() as connection:
            await stop_vanished(connection, [gone, there])
        assert (stopped.cancel_called, kept.cancel_called) == (True, False)


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
        woken = anyio.Event()
        (lease,) = await claim(database, OPTIONS, 1)
        await give_back(lease, LEDGER, "drained")
        with anyio.fail_after(10):
            await woken.wait()


async def test_a_heartbeat_survives_the_loss_of_its_connection(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    answers: list[DatabaseError | None] = []
    woken = 0

    def wake() -> None:
        nonlocal woken
        woken += 1

    heartbeat = Heartbeat(database, OPTIONS, "1", wake, answers.append)
    async with heartbeat.running():
        (lease,) = await claim(database, OPTIONS, 1)
        await heartbeat.add(lease)
        woken = 0
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
        # The end of a connection is no outage yet.
        assert database.failure is None
        before = await _expiry(database)
        await until(healthy, "the heartbeat is back")
        # What was announced meanwhile is looked for.
        assert woken > 0

        async def renewed() -> bool:
            return await _expiry(database) > before

        await until(renewed, "the lease is renewed again, though it had expired")
        assert not lease.scope.cancel_called
    # An outage is no answer.
    assert set(answers) == {None}


async def test_a_refusal_is_reported_and_is_no_outage(database: Database) -> None:
    answers: list[DatabaseError | None] = []
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None, answers.append)

    async def refused() -> bool:
        return isinstance(answers[-1], DatabaseError)

    async def answered() -> bool:
        return answers[-1] is None

    async with heartbeat.running(), database.connection() as connection:
        await connection.execute("ALTER TABLE leases RENAME TO other")
        await until(refused, "the heartbeat tells of the refusal")
        assert not heartbeat.healthy
        assert database.failure is None
        await connection.execute("ALTER TABLE other RENAME TO leases")
        await until(answered, "the heartbeat tells that it beats again")
        assert heartbeat.healthy


async def test_what_keeps_the_first_beat_from_being_made_is_raised(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE workers RENAME TO other")
    with anyio.fail_after(10), pytest.raises(ExceptionGroup) as caught:
        async with Heartbeat(database, OPTIONS, "1", lambda: None).running():
            pass
    assert caught.group_contains(DatabaseError)


async def test_an_outage_at_the_first_beat_is_waited_for(database: Database) -> None:
    there, database.options = database.options, replace(database.options, port=1)
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)

    async def healthy() -> bool:
        return heartbeat.healthy

    with anyio.fail_after(10):
        async with heartbeat.running():
            assert not heartbeat.healthy
            assert isinstance(database.failure, DatabaseUnavailable)
            assert not heartbeat.may_rescue
            database.options = there
            await until(healthy, "the heartbeat reaches the database")
    assert database.failure is None


async def test_the_first_lease_is_renewed_at_once(database: Database, insert: Insert) -> None:
    """Until then a beat a lease was enough."""
    await insert("r")
    options = queue_options()
    heartbeat = Heartbeat(database, options, "1", lambda: None)
    async with heartbeat.running():
        (lease,) = await claim(database, options, 1)
        first = await _expiry(database)
        await heartbeat.add(lease)

        async def renewed() -> bool:
            return await _expiry(database) > first

        # The next regular beat would come after 15 s.
        await until(renewed, "the lease is renewed", seconds=4)


async def test_of_two_attempts_at_a_run_the_one_that_ends_is_kept_no_more(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    (before,) = await claim(database, OPTIONS, 1)
    await give_back(before, LEDGER, "test")
    (now,) = await claim(database, OPTIONS, 1)
    heartbeat = Heartbeat(database, OPTIONS, "1", lambda: None)
    await heartbeat.add(before)
    await heartbeat.add(now)
    await heartbeat.remove(before)
    assert heartbeat.kept == {"r": now.token}
    # A beat that was under way found that the first one's lease is gone.
    lost = RenewedLease("r", before.token, held=False, ours=False, cancel_requested=None)
    await heartbeat.heard(Beat([lost], expired=False, next_expiry=None), 0)
    assert not now.scope.cancel_called
    first = await _expiry(database)

    async def renewed() -> bool:
        return await _expiry(database) > first

    async with heartbeat.running():
        await until(renewed, "the second one is renewed", seconds=4)
    await heartbeat.remove(now)
    assert heartbeat.kept == {}


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
            await until(settled, "the lease of its start is over")
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


async def test_a_fresh_worker_takes_nothing_over_within_one_lease_of_its_first_beat(
    database: Database, insert: Insert
) -> None:
    """Its next beat comes as soon as it may take over what it has found."""
    await insert("r")
    await claim(database, queue_options(), 1)
    await expire(database)
    options = queue_options(lease=timedelta(seconds=3))
    heartbeat = Heartbeat(database, options, "1", lambda: None)
    began = time.monotonic()
    async with heartbeat.running():
        while not heartbeat.may_rescue:
            assert heartbeat.rescue_awaited
            heartbeat.expired = anyio.Event()
            with anyio.fail_after(5):
                await heartbeat.expired.wait()
    assert 3 <= time.monotonic() - began < 3.4


async def test_a_worker_registers_with_the_slots_that_it_has_now(
    database: Database, backend: Backend
) -> None:
    options = queue_options(slots=2)
    heartbeat = Heartbeat(database, options, "1", lambda: None, slots=0)

    async def slots() -> int:
        async with database.connection() as connection:
            return int(
                await connection.fetchval("SELECT slots FROM workers WHERE id = $1", options.worker)
            )

    async def offered() -> bool:
        return await slots() == 2

    async with heartbeat.running():
        assert await slots() == 0
        await heartbeat.register(2)
        await until(offered, "the slots are registered", seconds=4)


async def test_a_beat_reports_when_the_next_lease_of_another_worker_expires(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    await insert("s")
    await claim(database, queue_options(lease=timedelta(minutes=1)), 1)
    await claim(database, queue_options(lease=timedelta(seconds=1)), 1)
    heartbeat = Heartbeat(database, queue_options(), "1", lambda: None)
    async with heartbeat.running():
        assert heartbeat.others
        with anyio.fail_after(10):
            # Its own next beat would come after a whole lease, 15 s.
            await heartbeat.expired.wait()


async def test_if_no_worker_has_a_lease_the_pauses_are_longer_and_no_outage(
    database: Database,
) -> None:
    options = queue_options(lease=timedelta(milliseconds=900))
    beats: list[float] = []

    class Recording(Heartbeat):
        async def heard(self, beat: Beat, settled_at: float) -> None:
            await super().heard(beat, settled_at)
            beats.append(time.monotonic())

    heartbeat = Recording(database, options, "1", lambda: None)

    async def settled() -> bool:
        return heartbeat.may_rescue

    async def four() -> bool:
        return len(beats) >= 4

    async with heartbeat.running():
        await until(settled, "the lease of its start is over")
        del beats[:]
        await until(four, "it beats")
        assert heartbeat.may_rescue
    pauses = [after - before for before, after in pairwise(beats)]
    assert min(pauses) > 1.2


async def test_a_lease_that_could_not_be_taken_over_is_looked_at_again_soon(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    await claim(database, queue_options(), 1)
    await expire(database)
    heartbeat = Heartbeat(database, queue_options(lease=timedelta(seconds=3)), "1", lambda: None)
    async with heartbeat.running():
        heartbeat.expired = anyio.Event()
        # Its own next beat would come after 3 s.
        with anyio.fail_after(2):
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

    async def settled() -> bool:
        return heartbeat.may_rescue

    async with heartbeat.running():
        await until(settled, "the lease of its start is over")
    away = replace(database.options, port=1)
    there, database.options = database.options, away
    async with heartbeat.running():
        assert not heartbeat.healthy
        assert not heartbeat.may_rescue
        database.options = there

        async def healthy() -> bool:
            return heartbeat.healthy

        await until(healthy, "the heartbeat reaches the database")
