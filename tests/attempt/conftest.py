"""Attempts at runs of one contract, on a real database, with tables that do what a test says."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.contracts import Contract, Schema
from tests.support.options import LEDGER, queue_options
from tests.support.scripted import Scripted
from worker.attempt.attempt import Attempts
from worker.attempt.options import AttemptOptions
from worker.database.pool import Database
from worker.profiling.profiler import TableProfiler
from worker.queue.claim import claim
from worker.queue.lease import Lease

Begin = Callable[..., Awaitable[Lease]]


def attempts(profiler: Scripted, **changes: Any) -> Attempts:
    """Return what works on runs; `changes` are of the options of the attempt or the queue."""

    async def warm() -> TableProfiler:
        return profiler

    limits: dict[str, Any] = {
        "max_request_age": timedelta(hours=24),
        "max_schemas": 200,
        "summary_limit": 1_000_000,
        "table_deadline": timedelta(minutes=1),
        "run_deadline": timedelta(minutes=1),
    }
    own = {name: changes.pop(name) for name in list(changes) if name in limits}
    return Attempts(warm, AttemptOptions(**(limits | own)), queue_options(**changes), LEDGER)


@pytest.fixture
async def request_tables(backend: Backend) -> Callable[..., Awaitable[str]]:
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
