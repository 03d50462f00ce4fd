"""A run in the mode `judged`, from rows in Spark to what a backend and the command line read."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from deploy.sandbox.sample_contracts import Contract, Property, Schema
from tests.process.conftest import Site, choose
from tests.support.command import run_command
from tests.support.contracts import write_parquet
from tests.support.options import database_options, password_of
from tests.support.runs import ended, suggestions
from worker.database.grants import grant

pytestmark = pytest.mark.anyio

ROWS = 12_000
FIRST = date(2024, 1, 1)


@pytest.fixture
async def found(site: Site, request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """The suggestions of a run with the options of that mode, each with its evidence."""
    options: dict[str, Any] = getattr(request, "param", {})
    run_id = "judged-of-some" if options else "judged"
    path = write_parquet(
        site.tables / f"{run_id}.parquet",
        id=list(range(ROWS)),
        email=[f"someone{number}@example.com" for number in range(ROWS)],
        origin=[("EWR", "JFK", "LGA")[number % 3] for number in range(ROWS)],
        day=[FIRST + timedelta(days=number % 28) for number in range(ROWS)],
    )
    properties = tuple(
        Property(name, kind, "", required=False, classification="pii" if name == "email" else None)
        for name, kind in (
            ("id", "integer"),
            ("email", "string"),
            ("origin", "string"),
            ("day", "date"),
        )
    )
    await site.backend.add_contract(
        Contract(run_id, run_id, (Schema("flights", str(path), "", properties),))
    )
    await grant(
        database_options(site.backend.worker, grant_to=("backend",)),
        password_of(site.backend.worker),
    )
    await choose(site, run_id, suggestions="judged", confidence=0, **options)
    await site.backend.request(run_id, ["flights"], run_id=run_id)
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "completed", run["error_message"]
    async with site.backend.connection() as owner:
        rows = await owner.fetch(
            "SELECT s.*, to_jsonb(e) AS evidence FROM suggested_quality_checks s"
            " JOIN dqx_worker.suggestion_evidence e ON e.suggestion_id = s.id"
            " WHERE s.profile_run_id = $1 ORDER BY s.id",
            run_id,
        )
    assert len(rows) == len(await suggestions(site.backend, run_id)) > 0
    return [dict(one) | {"evidence": json.loads(one["evidence"])} for one in rows]


async def test_a_judged_run_from_rows_to_readers(site: Site, found: list[dict[str, Any]]) -> None:
    for one in found:
        evidence = one["evidence"]
        if not evidence["finding"]:
            assert float(one["confidence_score"]) <= evidence["confidence"]
            assert f" Confidence {one['confidence_score']}: " in one["rationale"]
        assert evidence["kind"]
        # DQX's checks are made of the sample and tried on held-out rows, the worker's own of both.
        tried = (evidence["rows"], evidence["held_out_rows"])
        if evidence["origin"] == "dqx":
            assert all(4_000 < rows <= 5_000 for rows in tried)
            share = evidence["held_out_failing"] / evidence["held_out_rows"]
            assert share < evidence["most_failing"]
        else:
            assert 8_000 < evidence["rows"] <= 10_000
            assert evidence["held_out_rows"] in (None, evidence["rows"])
    by_column = {one["property_name"]: one["evidence"]["distribution"] for one in found}
    # Of all rows at hand, those that were held out among them.
    (at_hand,) = {one["evidence"]["rows"] for one in found if one["evidence"]["origin"] == "worker"}
    origin = by_column["origin"]
    assert (origin["rows"], origin["nulls"], origin["distinct"]) == (at_hand, 0, 3)
    assert {one["value"] for one in origin["values"]} == {"EWR", "JFK", "LGA"}
    assert sum(one["count"] for one in origin["values"]) == at_hand
    assert sum(one["count"] for one in by_column["day"]["bins"]) == at_hand
    assert by_column["day"]["bins"][0]["from"] == "2024-01-01T00:00:00"
    assert len(by_column["id"]["bins"]) == 10
    assert by_column["email"] is None

    printed = run_command(site.environment, "suggestions", "judged", "--json")
    assert printed.returncode == 0
    for one in json.loads(printed.stdout):
        (same,) = (each for each in found if each["id"] == one["id"])
        known = {name: value for name, value in same["evidence"].items() if value is not None}
        assert known == known | one["evidence"]
        assert one["confidence_score"] == same["confidence_score"]


@pytest.mark.parametrize(
    "found", [{"profiler": {"filter": "origin <> 'EWR'"}}], indirect=True, ids=["filter"]
)
async def test_every_check_of_filtered_rows_is_of_them_alone(found: list[dict[str, Any]]) -> None:
    checks = [json.loads(one["implementation"]) for one in found]

    assert {one["filter"] for one in checks} == {"origin <> 'EWR'"}
    # The worker's own among them, made of the rows that the filter left.
    assert {one["evidence"]["origin"] for one in found} == {"dqx", "worker"}
    (listed,) = (one for one in checks if "in_list" in one["check"]["function"])
    assert listed["check"]["arguments"]["allowed"] == ["'JFK'", "'LGA'"]
    assert all(one["evidence"]["rows"] <= ROWS * 2 // 3 for one in found)
    assert all(one["rule"].endswith("where origin <> 'EWR'") for one in found)
