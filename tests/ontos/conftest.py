"""What Ontos' routes do to its tables, beside a real worker.

deploy/sandbox/accept_suggestions.py and contract_edits.py have the order in which Ontos writes. The
worker is a process of its own; its tables are stand-ins, so that no test waits for Spark.
"""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import yaml

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from tests.chaos.stand_in import repeating_name
from tests.support.command import command
from tests.support.runs import ended, row, suggestions
from tests.support.stand_in_workers import StandInSite

COLUMNS = ("c0", "c1", "c2")


def schema(name: str, physical_name: str | None = None) -> Schema:
    properties = tuple(Property(one, "integer", "BIGINT", required=False) for one in COLUMNS)
    return Schema(name, physical_name or repeating_name(len(COLUMNS)), "", properties)


class Ontos:
    """What its routes do, one function each."""

    def __init__(self, site: StandInSite) -> None:
        self.site = site
        self.backend = site.backend

    async def contract(self, *schemas: Schema) -> str:
        contract_id = str(uuid4())
        await self.backend.add_contract(Contract(contract_id, "Shop", schemas))
        return contract_id

    async def profile(self, contract_id: str, *names: str) -> str:
        """Start profiling: the run's date is UTC without a zone. Return the run, once it ended."""
        run_id = str(uuid4())
        async with self.backend.connection() as owner:
            await owner.execute("SET TimeZone TO 'America/Los_Angeles'")
            await owner.execute(
                "INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status,"
                " started_at, triggered_by)"
                " VALUES ($1, $2, 'dqx', $3, 'pending', $4::text::timestamp, 'ann@example.com')",
                run_id,
                contract_id,
                json.dumps(names),
                datetime.now(UTC).replace(tzinfo=None).isoformat(),
            )
        await ended(self.backend, run_id)
        return run_id

    async def offered(self, contract_id: str) -> list[dict[str, Any]]:
        """Return what its dialog offers: what waits of the newest run, whatever became of that."""
        async with self.backend.connection() as owner:
            newest = await owner.fetchval(
                "SELECT id FROM data_profiling_runs WHERE contract_id = $1"
                " ORDER BY started_at DESC LIMIT 1",
                contract_id,
            )
        rows = await suggestions(self.backend, newest)
        return [one for one in rows if one["status"] == "pending"]

    async def places(self, contract_id: str) -> set[tuple[str, str]]:
        """Return the schemas and columns of what is offered."""
        rows = await self.offered(contract_id)
        return {(one["schema_name"], one["property_name"]) for one in rows}

    async def held_back(self, run_id: str, name: str) -> dict[str, int]:
        summary = json.loads((await row(self.backend, run_id))["summary_stats"])
        counts: dict[str, int] = summary["tables"][name]["held_back_counts"]
        return counts

    async def checks(self, contract_id: str) -> tuple[list[dict[str, Any]], str]:
        """Return what `dqx-worker checks` prints of the accepted ones, and its warnings."""
        answer = await command(self.site.environment, "checks", contract_id)
        return yaml.safe_load(answer.stdout), answer.stderr


@pytest.fixture(scope="package")
async def ontos(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ontos]:
    site = await StandInSite.made(server, tmp_path_factory.mktemp("ontos"), "ontos_loop")
    with site.worker():
        yield Ontos(site)
