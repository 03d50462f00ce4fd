"""Attempts at runs of one contract, on a real database, with tables that do what a test says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import timedelta
from typing import Any

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.sample_contracts import Contract, Schema
from tests.queue.conftest import states_of
from tests.support.options import LEDGER, queue_options
from tests.support.waiting import until
from worker.attempt.options import AttemptOptions
from worker.attempt.outcome import Outcome
from worker.attempt.work_on_run import Attempts
from worker.database.pool import Database
from worker.profiling.profiler import TableProfiler
from worker.queue.claim import claim
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.suggestions.options import CheckOptions

Request = Callable[..., Awaitable[str]]
QUICK = queue_options(lease=timedelta(seconds=1))


def attempts(profiler: TableProfiler, **changes: Any) -> Attempts:
    """Return what works on runs; `changes` are of the options of the attempt or the queue.

    The tables of these tests have DQX's candidates and no rows, so nothing judges them by default.
    """

    async def warm() -> TableProfiler:
        return profiler

    limits: dict[str, Any] = {
        "summary_limit": 1_000_000,
        "personal": (),
        "checks": CheckOptions(mode="stock"),
    }
    named = {one.name for one in fields(AttemptOptions)}
    limits |= {name: changes.pop(name) for name in list(changes) if name in named}
    return Attempts(warm, AttemptOptions(**limits), queue_options(**changes), LEDGER)


@pytest.fixture
async def request_tables(backend: Backend) -> Request:
    """Insert a contract with schemas, each of the table of its name, and a request for them."""

    async def request(*names: str) -> str:
        schemas = tuple(Schema(name, name, "", ()) for name in names)
        await backend.add_contract(Contract("c", "c", schemas))
        return await backend.request("c", names)

    return request


async def taken(database: Database) -> Lease:
    """Claim the one request that there is, whatever its back-off."""
    async with database.connection() as connection:
        await connection.execute("UPDATE attempts SET not_before = NULL")
    (lease,) = await claim(database, queue_options(), 1)
    return lease


@asynccontextmanager
async def working(
    working_on: Attempts, lease: Lease, done: list[Outcome]
) -> AsyncIterator[anyio.abc.TaskGroup]:
    """Work on the run under a heartbeat; the block runs beside it, and waits for its end."""
    heartbeat = Heartbeat(lease.database, QUICK, "1", lambda: None)

    async def work() -> None:
        done.append(await working_on.work(lease))
        await heartbeat.remove(lease)

    async with heartbeat.running(), anyio.create_task_group() as tasks:
        await heartbeat.add(lease)
        tasks.start_soon(work)
        yield tasks


async def in_state(database: Database, run_id: str, states: dict[str, str]) -> None:
    """Wait until the tables of a run are in these states."""

    async def there() -> bool:
        return await states_of(database, run_id) == states

    await until(there, f"the tables are {states}", seconds=10)
