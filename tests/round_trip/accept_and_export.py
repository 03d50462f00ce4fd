"""The road of a check: a row, accepted, exported, and read by DQX's reader of contracts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import yaml
from databricks.labs.dqx.datacontract.contract_rules_generator import DataContractRulesGenerator
from databricks.sdk import WorkspaceClient
from datacontract.data_contract import DataContract

from deploy.sandbox.accept_suggestions import accept, export, parse_implementations
from deploy.sandbox.backend import Backend
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from worker.backend.suggestions.write import write_suggestions
from worker.checks.personal_data import PersonalColumns
from worker.counting.check import Check
from worker.database.pool import Database
from worker.profiling.results import Candidate, TableProfile
from worker.sampling.sample_facts import Counted, Counting, SampleFacts, Sampling
from worker.suggestions.draft import Drafts, draft_suggestions
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.options import CheckOptions
from worker.suggestions.suggest import suggest
from worker.suggestions.suggest_again import Tried
from worker.suggestions.suggestion_row import SuggestionRow
from worker.workspace.offline import OfflineWorkspace

__all__ = [
    "CONTRACT",
    "FACTS",
    "SCHEMA",
    "Travelled",
    "comparable",
    "drafts_of",
    "read_by_dqx",
    "rows_of",
    "travel",
]

PROPERTIES = (
    *("id", "region", "price", "share", "day", "moment", "Customer Name", "amount (usd)", "shape"),
)
SCHEMA = "orders"
CONTRACT = Contract(
    "c",
    "Orders",
    (
        Schema(
            SCHEMA,
            "main.shop.orders",
            "Orders",
            tuple(Property(name, "string", "STRING", required=False) for name in PROPERTIES),
        ),
    ),
)
FACTS = SampleFacts(1000, 1000, Sampling.WHOLE, None, 5000, None)


@dataclass(frozen=True, slots=True)
class Travelled:
    """What became of checks on their road."""

    rows: list[SuggestionRow]
    odcs: dict[str, Any]
    """As the backend exports it, before anybody parses an implementation."""
    read: list[dict[str, Any]]
    """What DQX reads."""


def drafts_of(checks: Iterable[Check], run_id: str) -> Drafts:
    """Return what the worker drafts of checks."""
    candidates = tuple(Candidate(one, "profile", "column", None) for one in checks)
    counted = Counted(Counting.FETCHED)
    return draft_suggestions(
        TableProfile("t", 1, FACTS, counted, {}, 1, candidates, {}),
        run_id=run_id,
        schema_name=SCHEMA,
        properties=PROPERTIES,
        personal=PersonalColumns(),
        options=CheckOptions(),
    )


def rows_of(checks: Iterable[Check], run_id: str) -> list[SuggestionRow]:
    """Return the rows that the worker makes of checks."""
    drafts = drafts_of(checks, run_id).drafts
    return suggest(
        drafts, Tried(), FACTS, ExistingChecks(), options=CheckOptions(contradictions=True)
    ).rows


async def travel(backend: Backend, database: Database, checks: Sequence[Check]) -> Travelled:
    """Send checks along the whole road; what travelled before is taken away."""
    async with backend.connection() as owner:
        await owner.execute("DELETE FROM data_contract_quality_checks")
    run_id = await backend.request(CONTRACT.id, [SCHEMA])
    rows = rows_of(checks, run_id)
    async with database.transaction() as transaction:
        await write_suggestions(
            transaction, run_id=run_id, contract_id=CONTRACT.id, schema_name=SCHEMA, rows=rows
        )
    await accept(backend, [row.id for row in rows])
    # As the file that people download.
    file = yaml.dump(await export(backend, CONTRACT.id), allow_unicode=True)
    read = read_by_dqx(parse_implementations(yaml.safe_load(file)))
    return Travelled(rows, yaml.safe_load(file), read)


def read_by_dqx(odcs: Mapping[str, Any], **options: Any) -> list[dict[str, Any]]:
    """Return what DQX reads of a contract, without rules of its own making."""
    generator = DataContractRulesGenerator(cast("WorkspaceClient", OfflineWorkspace()))
    chosen = {
        "generate_predefined_rules": False,
        "process_text_rules": False,
        "generate_schema_validation": False,
    }
    read: list[dict[str, Any]] = generator.generate_rules_from_contract(
        contract=DataContract(data_contract_str=yaml.safe_dump(odcs)), **(chosen | options)
    )
    return read


def comparable(check: Mapping[str, Any]) -> str:
    """Return what has to be equal: function, arguments, name, criticality and filter."""
    return json.dumps(
        {
            "check": check["check"],
            "name": check["name"],
            "criticality": check["criticality"],
            "filter": check.get("filter"),
        },
        sort_keys=True,
    )
