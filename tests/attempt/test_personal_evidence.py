"""The evidence for what a run suggested keeps no values of a column that becomes personal."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.contract_edits import save_schemas
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from tests.attempt.conftest import attempts, taken
from tests.support.runs import suggestions
from tests.support.scripted_profiler import Scripted, profiled
from worker.attempt import propose_checks
from worker.counting.check import Check, Passed
from worker.database.pool import Database
from worker.judging.proposal import Judgement, Origin, Proposal
from worker.kinds.column_kind import ColumnKind
from worker.profiling.results import Candidate, Evidence
from worker.sampling.rows_at_hand import RowsAtHand
from worker.sampling.sample import Sample
from worker.suggestions import apply_judgement
from worker.suggestions.options import CheckOptions

pytestmark = pytest.mark.anyio

PRIVATE = "someone@example.com"


class Rows(RowsAtHand):
    """Rows that all have one value."""

    def columns(self) -> Iterator[tuple[str, pa.Array]]:
        yield "id", pa.array([PRIVATE] * 10)


class WithRows(Scripted):
    """A table with rows."""

    async def fetch_rows(self, sample: Sample, tag: str) -> RowsAtHand:
        return Rows(sample, None)


def proposal(function: str, arguments: dict[str, Any], *examples: str) -> Proposal:
    check = Check(function, arguments, function, "error")
    candidate = Candidate(check, "", "id", None)
    return Proposal(
        candidate,
        Origin.WORKER,
        ColumnKind.OTHER,
        "",
        "",
        finding=bool(examples),
        examples=examples,
    )


FILLED = proposal("is_not_null", {"column": "id"})
UNIQUE = proposal("is_unique", {"columns": ["id"]}, PRIVATE)


def judge(proposal: Proposal, *_: object) -> Judgement:
    if proposal.finding:
        return Judgement(proposal, None, 0.8, None)
    return Judgement(proposal, 0.99, None, None)


def schema(classification: str | None) -> Schema:
    column = Property("id", "string", "STRING", required=False, classification=classification)
    return Schema("a", "a", "", (column,))


@pytest.mark.parametrize(
    ("again", "left"),
    [
        ((), {"id is filled"}),
        ((FILLED, UNIQUE), {"id is filled", "id is unique (nulls may repeat)"}),
    ],
    ids=["it is not proposed again", "it is proposed again"],
)
async def test_values_of_a_column_that_became_personal_are_taken_back(
    backend: Backend,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    again: Sequence[Proposal],
    left: set[str],
) -> None:
    proposed: list[Sequence[Proposal]] = [(FILLED, UNIQUE), again]
    monkeypatch.setattr(propose_checks, "propose", lambda *_, **__: proposed.pop(0))
    monkeypatch.setattr(apply_judgement, "judge", judge)
    scripted = WithRows(a=[profiled])
    scripted.evidence = lambda _: Evidence(Passed(10, 9))
    work = attempts(scripted, checks=CheckOptions(), personal=("pii",))
    await backend.add_contract(Contract("c", "c", (schema(None),)))
    run_id = await backend.request("c", ["a"])
    await work.work(await taken(database))
    before, evidence = await stored(backend, database, run_id)
    assert [str(before).count(PRIVATE), str(evidence).count(PRIVATE)] == [1, 3]

    await save_schemas(backend, "c", [schema("PII")])
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'pending'")
    await work.work(await taken(database))

    after, evidence = await stored(backend, database, run_id)
    assert {one["rule"] for one in after} == left
    assert {one["suggestion_id"] for one in evidence} == {one["id"] for one in after}
    assert PRIVATE not in f"{after} {evidence}"
    assert all(json.loads(one["facts"])["rows"] == 10 for one in evidence)


async def stored(
    backend: Backend, database: Database, run_id: str
) -> tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]:
    """Return the suggestions of a run, and the evidence for them."""
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT * FROM evidence")
    return await suggestions(backend, run_id), [dict(one) for one in rows]
