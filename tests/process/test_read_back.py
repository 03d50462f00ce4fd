"""What the demo suggests, DQX reads back from an exported contract as the same checks."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest
from databricks.labs.dqx.datacontract.contract_rules_generator import DataContractRulesGenerator
from databricks.sdk import WorkspaceClient
from datacontract.data_contract import DataContract

from deploy.sandbox.contracts import Contract, sample_contracts
from deploy.sandbox.tables import make_tables
from tests.process.conftest import Site
from tests.support.contract_export import export, parse_implementations
from tests.support.runs import ended
from worker.workspace.offline import OfflineWorkspace

pytestmark = pytest.mark.anyio


async def test_every_check_of_the_demo_is_read_back_equal(site: Site) -> None:
    contracts = sample_contracts(make_tables(Path(site.tables)))
    runs = []
    for contract in contracts:
        await site.backend.add_contract(contract)
        names = [schema.name for schema in contract.schemas]
        runs.append(await site.backend.request(contract.id, names))
    assert {run["status"] for run in await ended(site.backend, *runs)} == {"completed"}

    rows = await site.backend.suggestions()
    assert len(rows) > 100
    for contract in contracts:
        own = [row for row in rows if row["contract_id"] == contract.id]
        assert own
        assert _read_back(contract, own) == Counter(_key(_check(row)) for row in own)
        known = {one.name for schema in contract.schemas for one in schema.properties}
        assert {row["property_name"] for row in own} <= known
        assert {row["level"] for row in own} == {"property"}


def _read_back(contract: Contract, rows: list[dict[str, Any]]) -> Counter[str]:
    odcs = parse_implementations(export(contract, rows))
    generator = DataContractRulesGenerator(cast("WorkspaceClient", OfflineWorkspace()))
    checks = generator.generate_rules_from_contract(
        contract=DataContract(data_contract_str=json.dumps(odcs)),
        generate_predefined_rules=False,
        process_text_rules=False,
        generate_schema_validation=False,
    )
    return Counter(_key(check) for check in checks)


def _check(row: dict[str, Any]) -> dict[str, Any]:
    check: dict[str, Any] = json.loads(row["implementation"])
    return check


def _key(check: dict[str, Any]) -> str:
    """Function, arguments, name, criticality and filter: what has to be equal."""
    return json.dumps(
        {
            "check": check["check"],
            "name": check["name"],
            "criticality": check["criticality"],
            "filter": check.get("filter"),
        },
        sort_keys=True,
    )
