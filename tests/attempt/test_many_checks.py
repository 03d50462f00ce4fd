"""What people wrote is read before the transaction that writes a table, however much it is."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from deploy.sandbox.backend import Backend
from deploy.sandbox.sample_contracts import Contract, Schema
from tests.attempt.conftest import Request, attempts, taken, working
from tests.support.options import database_options, password_of
from tests.support.runs import row, suggestions
from tests.support.scripted_profiler import Scripted, profiled
from tests.support.waiting import until
from worker.attempt import publish
from worker.attempt.outcome import Outcome
from worker.backend.suggestions.decisions import lock_schema
from worker.checks.implementation import implementation
from worker.checks.implementation_cache import Allowance
from worker.counting.check import Check
from worker.database.pool import Database
from worker.telemetry.events import Event

pytestmark = pytest.mark.anyio

ENTRY = "- check: {{function: is_in_list, arguments: {{column: c{}, allowed: [{}]}}}}\n"
HELD_BACK = "the contract has it"


def yaml_of(number: int) -> str:
    """9.9 kB of YAML that no other number has."""
    values = ", ".join(map(str, range(1, 500)))
    return "".join(ENTRY.format(f"{number}_{n}", values) for n in range(9))[:9_900].rpartition(
        "- "
    )[0]


async def add_checks(backend: Backend, **implementations: str) -> None:
    async with backend.connection() as owner, owner.transaction():
        object_id = await owner.fetchval("SELECT min(id) FROM data_contract_schema_objects")
        await owner.executemany(
            "INSERT INTO data_contract_quality_checks (id, object_id, type, engine, implementation)"
            " VALUES ($1, $2, 'custom', 'dqx', $3)",
            [(id_, object_id, text) for id_, text in implementations.items()],
        )


async def test_1100_long_checks_in_yaml_delay_no_lease(
    backend: Backend,
    database: Database,
    request_tables: Request,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The rest takes as long for each text.
    less = partial(Allowance, yaml=150_000)
    monkeypatch.setattr("worker.attempt.load_existing_checks.Allowance", less)
    run_id = await request_tables("a")
    await add_checks(backend, **{f"q{number}": yaml_of(number) for number in range(1_100)})
    # A transaction that waits for what is read would be ended.
    options = database_options(backend.worker, idle_in_transaction_timeout=timedelta(seconds=1))
    async with Database.open(options, password_of(backend.worker)) as impatient:
        done: list[Outcome] = []
        with capture_logs() as logged, anyio.fail_after(20):
            async with working(attempts(Scripted(a=[profiled])), await taken(impatient), done):
                pass
    assert (await row(backend, run_id))["status"] == "completed"
    assert len(await suggestions(backend, run_id)) == 1
    (unread,) = [one for one in logged if one["event"] == Event.CHECKS_UNREAD]
    assert 1_000 < unread["rows"] < unread["of_rows"] == 1_100


@asynccontextmanager
async def ticking() -> AsyncIterator[Callable[[], float]]:
    """Measure the longest time for which the event loop does not run, while the block runs."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = anyio.current_time()
            await anyio.sleep(0.01)
            longest = max(longest, anyio.current_time() - before)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick)
        yield lambda: longest
        tasks.cancel_scope.cancel()


async def held_back(database: Database, run_id: str) -> str:
    async with database.connection() as connection:
        return str(
            await connection.fetchval(
                "SELECT summary::json ->> 'held_back' FROM table_progress WHERE run_id = $1", run_id
            )
        )


@pytest.mark.parametrize("rounds", [4, 0], ids=["before", "in the transaction"])
async def test_a_check_that_is_saved_after_the_look_is_held_back(
    backend: Backend,
    database: Database,
    request_tables: Request,
    monkeypatch: pytest.MonkeyPatch,
    rounds: int,
) -> None:
    monkeypatch.setattr(publish, "_ROUNDS", rounds)
    run_id = await request_tables("a")
    check = Check("is_not_null", {"column": "id"}, "id_is_null", "error")
    looked = 0

    async def lock_after_an_edit(*arguments: Any) -> None:
        nonlocal looked
        looked += 1
        if looked == 1:
            await add_checks(backend, q=implementation(check))
        await lock_schema(*arguments)

    monkeypatch.setattr("worker.attempt.publish.lock_schema", lock_after_an_edit)
    await attempts(Scripted(a=[profiled])).work(await taken(database))
    assert (await row(backend, run_id))["status"] == "completed"
    assert await suggestions(backend, run_id) == []
    assert HELD_BACK in await held_back(database, run_id)
    assert looked == (2 if rounds else 1)


async def test_people_who_go_on_saving_do_not_keep_a_table_from_being_written(
    backend: Backend,
    database: Database,
    request_tables: Request,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_id = await request_tables("a")
    looked = 0

    async def lock_after_an_edit(*arguments: Any) -> None:
        nonlocal looked
        looked += 1
        await add_checks(backend, **{f"q{looked}": yaml_of(looked)})
        await lock_schema(*arguments)

    monkeypatch.setattr("worker.attempt.publish.lock_schema", lock_after_an_edit)
    await attempts(Scripted(a=[profiled])).work(await taken(database))
    assert (await row(backend, run_id))["status"] == "completed"
    assert len(await suggestions(backend, run_id)) == 1
    assert looked == 5


async def test_a_request_of_200_unknown_names_keeps_the_event_loop_running(
    backend: Backend, database: Database
) -> None:
    similar = "ab" * 95
    schemas = tuple(Schema(f"{similar}{number:09}", "t", "", ()) for number in range(1_000))
    await backend.add_contract(Contract("c", "c", schemas))
    run_id = await backend.request("c", [f"{similar}{number:08}x" for number in range(200)])
    async with ticking() as longest, anyio.create_task_group() as tasks:
        tasks.start_soon(attempts(Scripted()).work, await taken(database))

        async def ended() -> bool:
            return bool((await row(backend, run_id))["status"] == "failed")

        await until(ended, "the run ended", seconds=15)
    # A lease lasts seconds. To compare all of these names takes minutes.
    assert longest() < 1
