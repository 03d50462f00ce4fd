"""How often a worker looks for requests."""

import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from tests.support.options import LEDGER, queue_options
from tests.support.waiting import until
from worker.attempt.outcome import Abandoned, Ended, Outcome
from worker.database.errors import DatabaseUnavailable
from worker.database.pool import Database
from worker.preflight.schema_watch import SchemaWatch
from worker.probes.health import Health, Part
from worker.process import poller as poller_module
from worker.process.last_try import LastTries, Program
from worker.process.poller import Poller
from worker.process.signals import Stop
from worker.queue.claim import Claimed, claim
from worker.queue.claimed_run import Run
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.run_result import RunResult, RunStatus
from worker.queue.wakeup import _IDLE_AFTER, Wakeup

pytestmark = pytest.mark.anyio

OPTIONS = queue_options()
DONE: Outcome = Ended(RunResult(RunStatus.COMPLETED, "{}"))
FAILED: Outcome = Ended(RunResult(RunStatus.FAILED, "{}", "why"))
ABANDONED: Outcome = Abandoned(DatabaseUnavailable("the connection was lost"))


def parts(*program: str) -> dict[str, Any]:
    """What a poller has beside what a test looks at; `program` makes last tries."""
    return {"tables": LEDGER, "last_tries": LastTries(Program(program, os.environ), Stop())}


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
        **parts(),
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


async def test_an_idle_worker_looks_less_often() -> None:
    wakeup = Wakeup(timedelta(milliseconds=50))
    wakeup._in_vain = _IDLE_AFTER
    began = time.monotonic()
    await wakeup.wait()
    assert time.monotonic() - began > 2 * 0.05
    wakeup.found()
    assert wakeup._in_vain == 0


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
        **parts(),
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
        **parts(),
    )
    async with heartbeat.running(), anyio.create_task_group() as runs:
        await poller.poll(runs, end)
    async with database.connection() as connection:
        assert bool(await connection.fetchval("SELECT count(*) FROM requests_seen")) is noted


async def test_requests_of_before_the_first_look_keep_their_age_and_later_ones_count_from_sight(
    database: Database, backend: Backend
) -> None:
    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="c")

    async def ask(run_id: str) -> None:
        await backend.request("c", ["a"], run_id=run_id)
        async with backend.connection() as owner:
            await owner.execute(
                "UPDATE data_profiling_runs SET started_at = now() - interval '1 hour'"
                " WHERE id = $1",
                run_id,
            )

    for run_id in ("taken", "waits"):
        await ask(run_id)
    over = anyio.Event()
    looks = iter([False, True])

    async def second_look() -> bool:
        if next(looks):
            over.set()
            return True
        await ask("later")
        return False

    async with (
        polling(database, slots=1, over=over) as (poller, _, _),
        anyio.create_task_group() as runs,
    ):
        await poller.poll(runs, second_look)
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT run_id, waits_since FROM requests_seen")
    assert {row["run_id"]: row["waits_since"] is not None for row in rows} == {
        "waits": True,
        "later": False,
    }


async def test_a_look_of_an_idle_worker_finds_the_lease_of_another_one(
    database: Database, backend: Backend
) -> None:
    """Its own next beat would come after 22 s, and then wait for the lease to expire."""
    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="c")

    async def known() -> bool:
        return poller.at_rest is False

    async with polling(database) as (poller, _, _), anyio.create_task_group() as runs:
        await poller.poll(runs, once)
        assert poller.at_rest
        await backend.request("c", ["a"])
        await claim(database, queue_options(), 1)
        await poller.poll(runs, once)
        await until(known, "the heartbeat knows of the lease", seconds=5)


async def once() -> bool:
    return True


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

    async def claim_and_lose(*arguments: Any) -> Claimed:
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
        **parts(),
    )
    looks = iter([False, False, True])

    async def third_look() -> bool:
        return next(looks)

    async with heartbeat.running(), anyio.create_task_group() as runs:
        await poller.poll(runs, third_look)
    assert claimed == [run_id]


async def test_while_a_table_or_a_right_is_missing_nothing_is_claimed_or_noted(
    database: Database, backend: Backend
) -> None:
    await requests(backend, c=1)
    async with polling(database) as (poller, claimed, watch):
        watch.lacking = True
        await look(poller)
        assert claimed == []
        assert not poller.at_rest
        watch.lacking = False
        await look(poller)
        assert len(claimed) == 1
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM requests_seen") == 0


async def test_what_a_claim_leaves_of_one_contract_another_contract_gets_at_once(
    database: Database, backend: Backend
) -> None:
    await requests(backend, c=2)
    await requests(backend, d=1)
    async with polling(database, runs_per_contract=1) as (poller, claimed, _):
        await look(poller)
        assert sorted(lease.run.contract_id for lease in claimed) == ["c", "d"]


async def test_the_end_of_a_run_is_followed_by_a_look(database: Database, backend: Backend) -> None:
    await requests(backend, c=2)
    async with polling(database, slots=1, interval=timedelta(hours=1)) as (poller, claimed, _):

        async def both() -> bool:
            return len(claimed) == 2

        with anyio.fail_after(10):
            async with anyio.create_task_group() as runs:
                await poller.poll(runs, both)


@pytest.mark.parametrize("outcome", [FAILED, ABANDONED])
async def test_a_run_that_fails_has_the_tables_and_rights_examined(
    database: Database, backend: Backend, outcome: Outcome
) -> None:
    await requests(backend, c=1)
    async with polling(database, outcome=outcome) as (poller, _, watch):
        await look(poller)
        assert watch._due.is_set()


async def test_a_run_that_is_done_has_nothing_examined(
    database: Database, backend: Backend
) -> None:
    await requests(backend, c=1)
    async with polling(database) as (poller, _, watch):
        await look(poller)
        assert not watch._due.is_set()


async def test_a_worker_is_at_rest_when_nothing_is_in_work_here_or_elsewhere(
    database: Database, backend: Backend
) -> None:
    await requests(backend, c=1)
    over = anyio.Event()
    async with polling(database, over=over) as (poller, _, _):
        async with anyio.create_task_group() as runs:
            await poller.poll(runs, enough)
            at_rest = [poller.at_rest]
            # The run is no request any more, and a worker that drains waits for it.
            assert await poller.requests_left()
            over.set()
        at_rest.append(poller.at_rest)
        assert not await poller.requests_left()
        poller._heartbeat.others = True
        at_rest.append(poller.at_rest)
        poller._heartbeat.others = False
    # The heartbeat has ended: somebody may die, and nobody sees that.
    at_rest.append(poller.at_rest)
    assert at_rest == [False, True, False, False]


async def test_a_last_try_is_work_and_takes_no_slot(
    database: Database, backend: Backend, tmp_path: Path
) -> None:
    await requests(backend, c=1)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO attempts (run_id, number, worker, ended_at, outcome, next_alone)"
            " SELECT id, 1, 'dead', now(), 'expired', true FROM public.data_profiling_runs"
        )
    begun, over = tmp_path / "begun", tmp_path / "over"
    code = (
        "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch()\n"
        "while not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.01)"
    )
    program = (sys.executable, "-c", code, str(begun), str(over))
    async with polling(database, program=program) as (poller, claimed, _):
        async with anyio.create_task_group() as runs:
            await poller.poll(runs, enough)
            await until(anyio.Path(begun).exists, "the process has begun")
            # Somebody ends the run meanwhile: its process is what is waited for.
            async with backend.connection() as owner:
                await owner.execute("UPDATE data_profiling_runs SET status = 'failed'")
            assert await poller.requests_left()
            assert not poller.at_rest
            await requests(backend, other=2)
            await poller.poll(runs, enough)
            assert len(claimed) == poller._options.slots
            over.touch()
        assert not await poller.requests_left()


async def test_an_idle_worker_asks_for_nothing_but_requests(
    database: Database, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def due_last_try(_: Database) -> None:
        asked.append("last try")

    monkeypatch.setattr(poller_module, "due_last_try", due_last_try)
    async with polling(database, slots=1) as (poller, _, _):
        await look(poller)
        assert asked == []
        await requests(backend, c=2)
        await look(poller)
        assert asked


async def test_a_database_that_does_not_answer_may_hold_requests(
    database: Database, backend: Backend
) -> None:
    async with polling(database) as (poller, _, _), backend.connection() as owner:
        await owner.execute("ALTER TABLE data_profiling_runs RENAME TO other")
        assert await poller.requests_left()
        assert not poller.at_rest


async def enough() -> bool:
    return True


async def look(poller: Poller) -> None:
    """Have it look for requests until it finds no more, and wait for what it has taken."""
    async with anyio.create_task_group() as runs:
        await poller.poll(runs, enough)


async def requests(backend: Backend, **contracts: int) -> None:
    """Insert so many requests of each contract."""
    for contract, number in contracts.items():
        async with backend.connection() as owner:
            await insert(owner, "data_contracts", id=contract, name=contract)
        for _ in range(number):
            await backend.request(contract, ["a"])


@asynccontextmanager
async def polling(
    database: Database,
    *,
    outcome: Outcome = DONE,
    over: anyio.Event | None = None,
    interval: timedelta = timedelta(0),
    program: Sequence[str] = (),
    **changes: Any,
) -> AsyncIterator[tuple[Poller, list[Lease], SchemaWatch]]:
    """Give a poller beside its heartbeat, what it has claimed, and its watch.

    Each run ends with `outcome`, once `over` is set.
    """
    options = queue_options(**changes)
    wakeup = Wakeup(interval)
    heartbeat = Heartbeat(database, options, "1", wakeup.wake)
    claimed: list[Lease] = []

    async def work(lease: Lease) -> Outcome:
        claimed.append(lease)
        if over is not None:
            await over.wait()
        return outcome

    health = Health()
    health.session.well()
    watch = a_watch(database)
    async with heartbeat.running():
        yield (
            Poller(
                database,
                options,
                work,
                heartbeat=heartbeat,
                wakeup=wakeup,
                health=health,
                watch=watch,
                **parts(*program),
            ),
            claimed,
            watch,
        )


def a_watch(database: Database) -> SchemaWatch:
    return SchemaWatch(database, Part(None), lambda: None)


def a_lease() -> Lease:
    return Lease(
        run=Run(str(uuid4()), "c", None, None, timedelta(0)),
        attempt=1,
        token=uuid4(),
        database=cast("Database", None),
    )
