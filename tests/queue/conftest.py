"""Requests to claim."""

from collections.abc import Awaitable, Callable

import pytest

from deploy.sandbox.backend import Backend

Insert = Callable[..., Awaitable[str]]


@pytest.fixture
async def insert(backend: Backend) -> Insert:
    """Insert a request of contract `c`, by default one that can be claimed; return its id."""
    async with backend.connection() as connection:
        await connection.execute(
            "INSERT INTO data_contracts (id, name, version) VALUES ('c', 'c', '1')"
        )

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
