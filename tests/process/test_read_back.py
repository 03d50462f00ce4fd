"""What the demo suggests, DQX reads back from an exported contract as the same checks."""

import json
from collections import Counter
from pathlib import Path

import pytest

from deploy.sandbox.accept_suggestions import accept, export, parse_implementations
from deploy.sandbox.sample_contracts import sample_contracts
from deploy.sandbox.sample_tables import make_tables
from tests.process.conftest import Site, choose
from tests.round_trip.accept_and_export import comparable, read_by_dqx
from tests.support.runs import ended, suggestions

pytestmark = [pytest.mark.anyio]


async def test_every_check_of_the_demo_is_read_back_equal(site: Site) -> None:
    contracts = sample_contracts(make_tables(Path(site.tables)))
    runs = []
    for contract in contracts:
        await site.backend.add_contract(contract)
        names = [schema.name for schema in contract.schemas]
        run_id = f"read back {contract.id}"
        await choose(site, run_id, suggestions="judged")
        runs.append(await site.backend.request(contract.id, names, run_id=run_id))
    assert {run["status"] for run in await ended(site.backend, *runs)} == {"completed"}

    for contract, run_id in zip(contracts, runs, strict=True):
        own = await suggestions(site.backend, run_id)
        assert {row["schema_name"] for row in own} == {one.name for one in contract.schemas}
        await accept(site.backend, [row["id"] for row in own])
        odcs = await export(site.backend, contract.id)
        assert Counter(map(comparable, read_by_dqx(parse_implementations(odcs)))) == Counter(
            comparable(json.loads(row["implementation"])) for row in own
        )
        known = {one.name for schema in contract.schemas for one in schema.properties}
        # A key of two columns belongs to the table.
        of_columns = [row for row in own if row["level"] == "property"]
        assert {row["property_name"] for row in of_columns} <= known
        of_tables = [row for row in own if row not in of_columns]
        assert all(row["name"].endswith(" unique") for row in of_tables)
        assert len(of_tables) <= len(contract.schemas)
