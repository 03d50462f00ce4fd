"""Runs as the backend sees them, and the log that a worker writes beside them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from deploy.sandbox.backend import Backend
from tests.support.waiting import until


async def row(backend: Backend, run_id: str) -> dict[str, Any]:
    async with backend.connection() as owner:
        found = await owner.fetchrow("SELECT * FROM data_profiling_runs WHERE id = $1", run_id)
    assert found is not None
    return dict(found)


async def ended(backend: Backend, *run_ids: str, seconds: float = 120.0) -> list[dict[str, Any]]:
    """Wait until the runs have ended and return their rows in the same order.

    One connection asks for all of them each time: a login costs more than what it asks.
    """
    async with backend.connection() as owner:

        async def over() -> bool:
            left: int = await owner.fetchval(
                "SELECT cardinality($1::text[]) - count(*) FROM data_profiling_runs"
                " WHERE id = ANY($1) AND status IN ('completed', 'failed')",
                run_ids,
            )
            return left == 0

        await until(over, f"the runs {', '.join(run_ids)} end", seconds=seconds)
    return [await row(backend, one) for one in run_ids]


async def suggestions(backend: Backend, run_id: str) -> list[dict[str, Any]]:
    return [one for one in await backend.suggestions() if one["profile_run_id"] == run_id]


def dqx_name(suggestion: Mapping[str, Any]) -> str:
    """Return DQX's own name of a suggestion's check."""
    return str(json.loads(suggestion["implementation"])["name"])


def events(log: Path) -> list[dict[str, Any]]:
    """Return the lines of a worker's log; every one of them has to be JSON."""
    return [json.loads(line) for line in log.read_text().splitlines()]


def names(lines: Iterable[dict[str, Any]]) -> list[str]:
    return [line["event"] for line in lines]
