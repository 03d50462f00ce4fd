"""A defect of what judges costs no table its suggestions: those of DQX are left."""

from collections.abc import Sequence
from typing import Any

import pytest
import structlog

from deploy.sandbox.backend import Backend
from tests.attempt.conftest import Request, attempts, taken
from tests.support.runs import row, suggestions
from tests.support.scripted_profiler import Scripted, profiled
from worker.attempt import propose_checks
from worker.counting.check import Passed
from worker.database.pool import Database
from worker.judging.proposal import Origin, Proposal
from worker.kinds.column_kind import ColumnKind
from worker.profiling.results import Evidence, TableProfile
from worker.suggestions import apply_judgement as judged
from worker.suggestions.options import CheckOptions

pytestmark = pytest.mark.anyio

PRIVATE = "someone@example.com"


def breaks(*_: object, **__: object) -> Any:
    raise ValueError(PRIVATE)


async def worked_on(database: Database) -> Sequence[Any]:
    """Work on the run in the default mode; return what was logged of defects."""
    scripted = Scripted(a=[profiled])
    scripted.evidence = lambda _: Evidence(Passed(10, 10))
    with structlog.testing.capture_logs() as logged:
        await attempts(scripted, checks=CheckOptions()).work(await taken(database))
    return [one for one in logged if one["log_level"] == "error"]


@pytest.mark.parametrize("part", [(propose_checks, "propose"), (judged, "judge")])
async def test_what_dqx_proposes_is_suggested_if_nothing_can_be_judged(
    backend: Backend,
    database: Database,
    request_tables: Request,
    monkeypatch: pytest.MonkeyPatch,
    part: tuple[Any, str],
) -> None:
    monkeypatch.setattr(*part, breaks)
    run_id = await request_tables("a")
    (logged,) = await worked_on(database)
    assert (logged["event"], logged["table"], logged["error"]) == (
        "checks.unjudged",
        "a",
        "ValueError",
    )
    assert logged["at"].startswith(
        "propose_checks.py:" if part[1] == "propose" else "apply_judgement.py:"
    )
    assert PRIVATE not in str(logged)
    assert (await row(backend, run_id))["status"] == "completed"
    (one,) = await suggestions(backend, run_id)
    assert (one["confidence_score"], one["rule"]) == (None, "id is filled")
    assert one["rationale"].startswith("All 10 rows of the table pass")


async def test_a_column_that_can_not_be_looked_at_costs_the_others_nothing(
    backend: Backend,
    database: Database,
    request_tables: Request,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def propose(profile: TableProfile, *_: object, failed: Any, **__: object) -> list[Proposal]:
        failed("price", ValueError(PRIVATE))
        failed("price", KeyError(PRIVATE))
        return [Proposal(one, Origin.DQX, ColumnKind.OTHER, "", "") for one in profile.candidates]

    monkeypatch.setattr(propose_checks, "propose", propose)
    run_id = await request_tables("a")
    (logged,) = await worked_on(database)
    assert (logged["event"], logged["column"], logged["error"]) == (
        "column.unjudged",
        "price",
        "ValueError",
    )
    assert PRIVATE not in str(logged)
    (one,) = await suggestions(backend, run_id)
    assert one["confidence_score"] is not None
