"""The evidence for suggestions is written with them, read as the backend, and goes with them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from deploy.sandbox.backend import Backend
from tests.attempt.conftest import Request, attempts, taken
from tests.support.options import database_options, password_of
from tests.support.runs import row, suggestions
from tests.support.scripted_profiler import Scripted, profiled
from worker.counting.check import Passed
from worker.database.grants import grant
from worker.database.pool import Database
from worker.judging.proposal import Judgement, Proposal
from worker.maintenance.prune import prune_evidence
from worker.profiling.results import Evidence
from worker.sampling.sample_facts import SampleFacts, Sampling
from worker.suggestions import apply_judgement as judged_module
from worker.suggestions.options import CheckOptions

pytestmark = pytest.mark.anyio

JUDGED = CheckOptions(mode="judged")
DRAWN = SampleFacts(
    rows=10, of_rows=1_000, sampling=Sampling.REPRESENTATIVE, fraction=0.01, limit=10, seed=42
)
NO_ROW_FAILS = Evidence(Passed(10, 10), Passed(100, 100))


def table(evidence: Evidence = NO_ROW_FAILS) -> Scripted:
    """A table of which some rows were drawn, with one check that comes to this."""
    scripted = Scripted(a=[lambda stopped: replace(profiled(stopped), sample=DRAWN)])
    scripted.evidence = lambda _: evidence
    return scripted


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the judge come to a certain judgement."""

    def decide(confidence: float, held_back: str | None = None) -> None:
        def judged(proposal: Proposal, *_: object) -> Judgement:
            return Judgement(proposal, confidence, None, held_back)

        monkeypatch.setattr(judged_module, "judge", judged)

    return decide


@dataclass(frozen=True, slots=True)
class Case:
    """What the judge says of a check on which this was tried, and what becomes of it."""

    confidence: float
    tried: Evidence
    score: str
    severity: str


async def evidence(backend: Backend) -> list[dict[str, Any]]:
    """Return the rows of the view, read as the backend."""
    await grant(
        database_options(backend.worker, grant_to=("backend",)), password_of(backend.worker)
    )
    async with backend.connection() as owner:
        rows = await owner.fetch(
            "SELECT e.* FROM dqx_worker.suggestion_evidence e ORDER BY e.suggestion_id"
        )
    return [dict(one) for one in rows]


async def test_in_the_mode_stock_evidence_is_written_and_no_confidence(
    backend: Backend, database: Database, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    scripted = table(Evidence(Passed(10, 9), Passed(100, 98)))
    await attempts(scripted).work(await taken(database))
    (one,) = await suggestions(backend, run_id)
    assert (one["confidence_score"], one["severity"]) == (None, "error")
    assert "Confidence" not in one["rationale"]
    (found,) = await evidence(backend)
    assert (found["suggestion_id"], found["run_id"]) == (one["id"], run_id)
    assert found["most_failing"] == pytest.approx(0.0616, abs=1e-4)
    known = {name: value for name, value in found.items() if value is not None}
    assert known == known | {
        "origin": "dqx",
        "rows": 10,
        "failing": 1,
        "held_out_rows": 100,
        "held_out_failing": 2,
    }
    assert {"kind", "confidence", "distribution", "examples"}.isdisjoint(known)


@pytest.mark.parametrize(
    "case",
    [
        Case(0.9899, NO_ROW_FAILS, "0.98", "error"),
        Case(0.979, NO_ROW_FAILS, "0.97", "warning"),
        Case(0.99, Evidence(Passed(10, 10), Passed(100, 99)), "0.99", "warning"),
    ],
    ids=lambda case: case.score,
)
async def test_the_judge_decides_on_confidence_and_severity(
    backend: Backend,
    database: Database,
    request_tables: Request,
    judge: Callable[..., None],
    case: Case,
) -> None:
    judge(case.confidence)
    run_id = await request_tables("a")
    await attempts(table(case.tried), checks=JUDGED).work(await taken(database))
    (one,) = await suggestions(backend, run_id)
    assert (one["confidence_score"], one["severity"]) == (case.score, case.severity)
    assert f" Confidence {case.score}: " in one["rationale"]
    (found,) = await evidence(backend)
    assert (found["confidence"], found["kind"]) == (case.confidence, "other")


async def test_the_options_of_a_run_choose_the_mode_and_cap_the_criticality(
    backend: Backend, database: Database, request_tables: Request, judge: Callable[..., None]
) -> None:
    judge(1.0)
    run_id = await request_tables("a")
    chosen = {"criticality": "warn", "tables": {"a": {"suggestions": "judged", "confidence": 0.5}}}
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO run_options (run_id, options) VALUES ($1, $2)", run_id, json.dumps(chosen)
        )
    await attempts(table()).work(await taken(database))
    (one,) = await suggestions(backend, run_id)
    assert (one["confidence_score"], one["severity"]) == ("1.00", "warning")


async def test_what_the_judge_doubts_is_held_back_with_its_reason(
    backend: Backend, database: Database, request_tables: Request, judge: Callable[..., None]
) -> None:
    judge(0.2, "it is too unsure")
    run_id = await request_tables("a")
    await attempts(table(), checks=JUDGED).work(await taken(database))
    assert await suggestions(backend, run_id) == []
    assert await evidence(backend) == []
    part = json.loads((await row(backend, run_id))["summary_stats"])["tables"]["a"]
    assert part["held_back"] == {"id_is_null": "it is too unsure"}


async def test_a_backend_without_a_confidence_gets_the_suggestions_and_the_evidence(
    backend: Backend, database: Database, request_tables: Request, judge: Callable[..., None]
) -> None:
    judge(1.0)
    async with backend.connection() as owner:
        await owner.execute("ALTER TABLE suggested_quality_checks DROP COLUMN confidence_score")
    run_id = await request_tables("a")
    await attempts(table(), checks=JUDGED).work(await taken(database))
    (one,) = await suggestions(backend, run_id)
    assert one["severity"] == "error"
    (found,) = await evidence(backend)
    assert found["confidence"] == 1


async def test_evidence_goes_with_its_suggestion(
    backend: Backend, database: Database, request_tables: Request
) -> None:
    await request_tables("a")
    await attempts(table()).work(await taken(database))
    again = await backend.request("c", ["a"])
    await attempts(table()).work(await taken(database))
    (superseded_by,) = await evidence(backend)
    assert superseded_by["run_id"] == again
    assert await prune_evidence(database) is None
    assert len(await evidence(backend)) == 1
    async with backend.connection() as owner:
        await owner.execute("DELETE FROM data_profiling_runs")
    assert await prune_evidence(database) is None
    assert await evidence(backend) == []


async def test_evidence_for_moved_and_decided_suggestions_stays(
    backend: Backend, database: Database, request_tables: Request
) -> None:
    await request_tables("a", "b")
    scripted = Scripted(a=[profiled], b=[profiled])
    await attempts(scripted).work(await taken(database))
    async with backend.connection() as owner:
        await owner.execute(
            "UPDATE suggested_quality_checks SET status = 'rejected' WHERE schema_name = 'b'"
        )
    again = await backend.request("c", ["b"])
    await attempts(scripted).work(await taken(database))
    assert len(await suggestions(backend, again)) == 1
    await prune_evidence(database)
    ids = {one["id"] for one in await backend.suggestions()}
    assert {one["suggestion_id"] for one in await evidence(backend)} == ids
    assert len(ids) == 2
