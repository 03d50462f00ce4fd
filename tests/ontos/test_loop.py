"""The whole loop as Ontos plays it, beside a real worker: profile, decide, edit, profile again.

What Ontos does to its tables, and in which order, is in deploy/sandbox/manager.py and edits.py. The
worker is a process of its own; its tables are stand-ins, so that no test waits for Spark.
"""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import yaml

from deploy.sandbox.contracts import Contract, Property, Schema
from deploy.sandbox.edits import change_suggestion, new_version, save_rules, save_schemas
from deploy.sandbox.manager import accept, export, parse_implementations, reject
from deploy.sandbox.postgres import Postgres
from tests.chaos.stand_in import FAILS, repeating_name
from tests.round_trip.road import read_by_dqx
from tests.support.command import command
from tests.support.runs import ended, row, suggestions
from tests.support.stand_in_site import StandInSite

pytestmark = pytest.mark.anyio

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


@pytest.fixture(scope="module")
async def ontos(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ontos]:
    site = await StandInSite.made(server, tmp_path_factory.mktemp("ontos"), "ontos_loop")
    with site.worker():
        yield Ontos(site)


def all_of(*names: str) -> set[tuple[str, str]]:
    return {(name, column) for name in names for column in COLUMNS}


async def test_what_is_accepted_comes_back_out_of_the_export_and_nothing_is_asked_twice(
    ontos: Ontos,
) -> None:
    contract = await ontos.contract(schema("orders"))
    await ontos.profile(contract, "orders")
    offered = {one["property_name"]: one for one in await ontos.offered(contract)}
    assert offered.keys() == set(COLUMNS)
    await accept(ontos.backend, [offered["c0"]["id"], offered["c1"]["id"]])
    await reject(ontos.backend, [offered["c2"]["id"]])

    exported = parse_implementations(await export(ontos.backend, contract))
    read = [one["check"] for one in read_by_dqx(exported)]
    assert sorted(read, key=str) == [
        {"arguments": {"column": column}, "function": "is_not_null"} for column in ("c0", "c1")
    ]
    again = await ontos.profile(contract, "orders")
    assert await ontos.offered(contract) == []
    assert sum((await ontos.held_back(again, "orders")).values()) == len(COLUMNS)


async def test_what_waits_is_offered_after_a_run_of_another_table_and_after_one_that_failed(
    ontos: Ontos,
) -> None:
    contract = await ontos.contract(schema("orders"), schema("items"), schema("broken", FAILS))
    await ontos.profile(contract, "orders")
    first = {one["id"] for one in await ontos.offered(contract)}
    await ontos.profile(contract, "items")
    assert await ontos.places(contract) == all_of("orders", "items")
    failed = await ontos.profile(contract, "broken")
    assert (await row(ontos.backend, failed))["status"] == "failed"
    assert await ontos.places(contract) == all_of("orders", "items")
    # The same rows: a dialog that is still open can decide on them.
    assert first <= {one["id"] for one in await ontos.offered(contract)}


async def test_a_schema_that_was_saved_loses_its_rules_and_they_are_offered_again(
    ontos: Ontos,
) -> None:
    contract = await ontos.contract(schema("orders"))
    await ontos.profile(contract, "orders")
    await accept(ontos.backend, [one["id"] for one in await ontos.offered(contract)])
    await save_schemas(ontos.backend, contract, [schema("orders")])
    await ontos.profile(contract, "orders")
    assert await ontos.places(contract) == all_of("orders")
    for one in await ontos.offered(contract):
        assert "the contract no longer has it" in one["rationale"]


async def test_a_new_version_asks_for_what_was_accepted_and_not_for_what_was_rejected(
    ontos: Ontos,
) -> None:
    contract = await ontos.contract(schema("orders"))
    await ontos.profile(contract, "orders")
    offered = {one["property_name"]: one["id"] for one in await ontos.offered(contract)}
    await accept(ontos.backend, [offered["c0"]])
    await reject(ontos.backend, [offered["c1"], offered["c2"]])
    version = await new_version(ontos.backend, contract, "2.0.0")
    await ontos.profile(version, "orders")
    (again,) = await ontos.offered(version)
    assert again["property_name"] == "c0"
    assert "1.0.0" in again["rationale"]


async def test_rules_that_are_made_anew_under_the_first_schema_are_recognised(
    ontos: Ontos,
) -> None:
    contract = await ontos.contract(schema("items"), schema("orders"))
    await ontos.profile(contract, "orders")
    await accept(ontos.backend, [one["id"] for one in await ontos.offered(contract)])
    # Somebody adds a rule by hand.
    await save_rules(ontos.backend, contract, more=["looks right"])
    await ontos.profile(contract, "orders", "items")
    assert await ontos.places(contract) == all_of("items")


async def test_what_a_steward_changed_before_accepting_counts(ontos: Ontos) -> None:
    contract = await ontos.contract(schema("orders"))
    await ontos.profile(contract, "orders")
    offered = {one["property_name"]: one["id"] for one in await ontos.offered(contract)}
    await change_suggestion(ontos.backend, offered["c0"], severity="info")
    await change_suggestion(ontos.backend, offered["c1"], rule="c1 is at least 7")
    await change_suggestion(ontos.backend, offered["c2"], severity="blocker")
    await accept(ontos.backend, offered.values())
    checks, warnings = await ontos.checks(contract)
    criticality = {one["check"]["arguments"]["column"]: one["criticality"] for one in checks}
    assert criticality == {"c0": "warn", "c1": "error", "c2": "error"}
    assert offered["c0"] not in warnings
    assert offered["c1"] in warnings
    assert offered["c2"] in warnings
