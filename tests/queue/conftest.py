"""Requests to claim, and what the tests of the queue look at."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert as insert_row
from worker.database.pool import Connection, Database
from worker.progress import table_progress
from worker.progress.table_progress import Phase
from worker.queue.claim import claim, claim_last_try, due_last_try
from worker.queue.lease import Lease
from worker.queue.options import QueueOptions

Insert = Callable[..., Awaitable[str]]


@pytest.fixture
async def insert(backend: Backend) -> Insert:
    """Insert a request of contract `c`, by default one that can be claimed; return its id."""
    async with backend.connection() as connection:
        await insert_row(connection, "data_contracts", id="c", name="c")

    async def inserted(
        run: str,
        *,
        status: str = "pending",
        source: str = "dqx",
        job: str | None = None,
        age: float = 0,
    ) -> str:
        async with backend.connection() as owner:
            await owner.execute(
                "INSERT INTO data_profiling_runs"
                " (id, contract_id, source, status, run_id, started_at)"
                " VALUES ($1, 'c', $2, $3, $4, now() - make_interval(secs => $5))",
                run,
                source,
                status,
                job,
                age,
            )
        return run

    return inserted


async def take(database: Database, options: QueueOptions) -> Lease:
    """Claim the one request that there is, also if its last try is due."""
    if (due := await due_last_try(database)) is not None:
        last = await claim_last_try(database, options, due.id)
        assert last is not None
        return last
    (lease,) = await claim(database, options, 1)
    return lease


async def expire(database: Database, run: str = "r") -> None:
    """Have the lease on a run expire, as if its worker had been silent for a minute."""
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE leases SET expires_at = clock_timestamp() - interval '1 second',"
            " renewed_at = greatest(clock_timestamp() - interval '1 minute',"
            " pg_postmaster_start_time() + interval '1 millisecond') WHERE run_id = $1",
            run,
        )


async def attempts_of(database: Database, run: str = "r") -> list[dict[str, Any]]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT number, outcome, reason, counts, tries,"
            " extract(epoch FROM not_before - ended_at)::float AS wait"
            " FROM attempts WHERE run_id = $1 ORDER BY number",
            run,
        )
    return [dict(row) for row in rows]


async def count(database: Database, what: str) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval(f"SELECT count(*) FROM {what}"))


async def begin_tables(lease: Lease, **states: str) -> None:
    """Make the rows of an attempt's tables, each in a state."""
    names = sorted(states)

    async def begin(transaction: Connection) -> None:
        await table_progress.begin(transaction, lease.run.id, lease.attempt, names)
        for name, state in states.items():
            if state == "completed":
                await table_progress.complete(
                    transaction,
                    lease.run.id,
                    name,
                    rows_sampled=1,
                    columns=1,
                    suggestions=2,
                    summary=f'{{"physical_name": "main.{name}"}}',
                )
            elif state == "failed":
                await table_progress.fail(transaction, lease.run.id, name, "not there", "{}")
            else:
                await table_progress.enter(transaction, lease, {name: Phase(state)})

    await lease.write(begin)


async def states_of(database: Database, run: str = "r") -> dict[str, str]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT schema_name, state FROM table_progress WHERE run_id = $1", run
        )
    return {row["schema_name"]: row["state"] for row in rows}
