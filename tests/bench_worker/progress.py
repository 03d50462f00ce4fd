"""How evenly the progress of a run of many tables moves, beside the time that it takes."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import anyio

from deploy.sandbox.backend import Backend
from deploy.sandbox.sample_contracts import Contract, sample_contracts
from deploy.sandbox.sample_tables import make_tables
from tests.support.figures import Figure, Goal

__all__ = ["progress"]

_TABLES = 60
_PAUSE = 0.2
"""Seconds between two looks."""
_AT_MOST = 10
_LOOK = """
SELECT percent, extract(epoch FROM coalesce(ended_at, clock_timestamp()) - begun_at)::float
FROM dqx_worker.run_status WHERE run_id = $1 AND attempt IS NOT NULL
"""


async def progress(backend: Backend, folder: Path) -> Figure:
    """Look at the percent of a run of sixty tables of different sizes until its end."""
    contracts = sample_contracts(make_tables(folder / "tables"))
    kinds = [schema for contract in contracts for schema in contract.schemas]
    schemas = [replace(kinds[n % len(kinds)], name=f"table {n}") for n in range(_TABLES)]
    await backend.add_contract(Contract("many", "Many tables", tuple(schemas)))
    run_id = await backend.request("many", [schema.name for schema in schemas])
    looks: list[tuple[int, float]] = []
    reader = await backend.worker.connect()
    try:
        while not looks or looks[-1][0] < 100:
            await anyio.sleep(_PAUSE)
            looks += [(row[0], row[1]) for row in await reader.fetch(_LOOK, run_id)]
    finally:
        await reader.close()
    whole = looks[-1][1]
    most = max(abs(percent - 100 * seconds / whole) for percent, seconds in looks)
    jump = max(after - before for (before, _), (after, _) in pairwise(looks))
    return Figure(
        f"percent of a run of {_TABLES} tables, beside the share of its {whole:.0f} s that is over",
        f"{most:.0f} points apart at most, in steps of {jump} at most",
        Goal(f"≤ {_AT_MOST} points", most <= _AT_MOST),
    )
