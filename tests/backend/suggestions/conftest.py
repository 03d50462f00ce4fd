"""Stewards who decide about suggestions, and the backend's edits of their contracts meanwhile."""

import json
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql.types import DataType, LongType

from deploy.sandbox.accept_suggestions import accept, reject
from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from tests.attempt.conftest import attempts, taken
from tests.support.options import database_options, password_of
from tests.support.runs import row, suggestions
from tests.support.scripted_profiler import Act, Scripted
from worker.checks.column_names import columns_of
from worker.counting.arrow.passing_rows import passing
from worker.counting.check import Check, Passed
from worker.database.migrate import migrate
from worker.database.pool import Database
from worker.profiling.results import Candidate, Evidence, TableProfile, Trial
from worker.sampling.sample_facts import Counted, Counting, SampleFacts, Sampling

_numbers = count(1)
_FACTS = SampleFacts(
    rows=1000, of_rows=1000, sampling=Sampling.WHOLE, fraction=None, limit=5000, seed=None
)
_PROPERTIES = tuple(
    Property(name, "integer", "BIGINT", required=False) for name in ("id", "amount")
)


def schema(name: str, physical_name: str | None = None) -> Schema:
    """A schema of the properties `id` and `amount`; by default its table has its name."""
    return Schema(name, physical_name or name, "", _PROPERTIES)


@dataclass(frozen=True, slots=True)
class Found:
    """What a run suggests of a table, and what it holds back, by DQX's names of the checks."""

    rows: Mapping[str, Mapping[str, Any]]
    held_back: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stewards:
    """The backend and a worker on one database."""

    backend: Backend
    database: Database
    older: bool
    amounts: Sequence[int | datetime] = range(1, 10)
    """The values of the column `amount`, on which checks of it are tried."""
    kind: DataType = field(default_factory=LongType)
    """Their type."""

    async def contract(self, *names: str) -> str:
        """Insert a contract with these schemas, and return its id."""
        contract_id = f"contract-{next(_numbers)}"
        schemas = tuple(schema(name) for name in names)
        await self.backend.add_contract(Contract(contract_id, contract_id, schemas))
        return contract_id

    async def profile(self, contract_id: str, **checks: Sequence[Check]) -> dict[str, Found]:
        """Run a request for schemas whose tables give these checks."""
        run_id = await self.backend.request(contract_id, list(checks))
        return await self.work(run_id, **checks)

    async def work(self, run_id: str, **checks: Sequence[Check]) -> dict[str, Found]:
        """Take the one request that there is, whose tables give these checks."""
        await self.attempt(**{name: _giving(given) for name, given in checks.items()})
        run = await row(self.backend, run_id)
        assert run["status"] == "completed", run["error_message"]
        tables = json.loads(run["summary_stats"])["tables"]
        rows = await suggestions(self.backend, run_id)
        return {
            name: Found(
                {
                    json.loads(one["implementation"])["name"]: one
                    for one in rows
                    if one["schema_name"] == name and one["status"] == "pending"
                },
                tables[name]["held_back"],
            )
            for name in checks
        }

    async def attempt(self, **tables: Act) -> None:
        """Take the one request that there is, whose tables do this."""
        acts: dict[str, Any] = {name: [act] for name, act in tables.items()}
        profiler = Scripted(**acts)
        profiler.evidence = self._tried
        await attempts(profiler).work(await taken(self.database))

    def _tried(self, trial: Trial) -> Evidence:
        found = passing(pa.array([*self.amounts]), self.kind, trial.check)
        return Evidence() if found is None else Evidence(Passed(len(self.amounts), found))

    async def accept(self, *found: Found) -> None:
        """Accept all that was found."""
        await accept(self.backend, [one["id"] for each in found for one in each.rows.values()])

    async def reject(self, *found: Found) -> None:
        """Reject all that was found."""
        await reject(self.backend, [one["id"] for each in found for one in each.rows.values()])

    async def rules(self, contract_id: str) -> list[Mapping[str, Any]]:
        """Return the rules of a contract, with the name of the schema each is stored under."""
        async with self.backend.connection() as owner:
            rows = await owner.fetch(
                "SELECT o.name AS under, q.* FROM data_contract_quality_checks q"
                " JOIN data_contract_schema_objects o ON o.id = q.object_id"
                " WHERE o.contract_id = $1",
                contract_id,
            )
        return [dict(one) for one in rows]

    async def execute(self, statement: str, *values: object) -> None:
        """Execute a statement as the owner of the backend's tables."""
        async with self.backend.connection() as owner:
            await owner.execute(statement, *values)


@pytest.fixture(scope="module", params=[False, True], ids=["today", "older"])
async def stewards(server: Postgres, request: pytest.FixtureRequest) -> AsyncIterator[Stewards]:
    """A backend as it is today, and an older one."""
    older: bool = request.param
    backend = await create_backend(server, f"stewards{next(_numbers)}", older=older)
    options = database_options(backend.worker)
    await migrate(options, password_of(backend.worker))
    async with Database.open(options, password_of(backend.worker)) as database:
        yield Stewards(backend, database, older)


def giving(*candidates: Candidate) -> Act:
    """A table that gives these candidates."""

    def profiled(stopped: threading.Event) -> TableProfile:
        counted = Counted(Counting.FETCHED)
        return TableProfile("t", 2, _FACTS, counted, {}, len(candidates), candidates, {})

    return profiled


def _giving(checks: Sequence[Check]) -> Act:
    candidates = tuple(
        Candidate(check, check.function, columns_of(check.arguments)[0], None) for check in checks
    )
    return giving(*candidates)
