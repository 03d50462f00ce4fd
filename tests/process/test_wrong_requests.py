"""A request that can't be worked on fails with what is wrong and what would be right."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.sandbox.insert_rows import insert
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.support.contracts import contract
from tests.support.runs import ended, events
from tests.support.stand_in_workers import StandInSite

pytestmark = pytest.mark.anyio

EXPECTED = 'expected a JSON array of schema names such as ["orders"]'


async def refused(site: StandInSite, contract_id: str, text: str | None) -> str:
    """Insert a request with `text` as its schema names; return the message it ends with."""
    run_id = f"{contract_id}-{abs(hash(text))}"
    async with site.backend.connection() as owner:
        await insert(
            owner,
            "data_profiling_runs",
            id=run_id,
            contract_id=contract_id,
            schema_names=text,
        )
    return await refusal_of(site, run_id)


async def refusal_of(site: StandInSite, run_id: str) -> str:
    """Return the message that a run ends with, once it has failed."""
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "failed"
    summary: dict[str, Any] = json.loads(run["summary_stats"])
    assert summary == {
        "tables": {},
        "total_suggestions": 0,
        "errors": [{"schema": None, "table": None, "error": run["error_message"]}],
    }
    return str(run["error_message"])


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    return await StandInSite.made(server, tmp_path_factory.mktemp("requests"), "requests")


@pytest.fixture(scope="module", autouse=True)
async def worker(site: StandInSite) -> AsyncIterator[WorkerProcess]:
    with site.worker() as running:
        yield running


@pytest.fixture(scope="module")
async def shop(site: StandInSite) -> str:
    await site.backend.add_contract(contract("shop-of-refusals", orders="stand_in.1.1"))
    return "shop-of-refusals"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "The request has no schema_names"),
        ("", "schema_names is not JSON"),
        ("orders", "schema_names is not JSON"),
        ('["orders"', "schema_names is not JSON"),
        ("[" * 20_000, "schema_names is not JSON"),
        ('"orders"', "schema_names is not an array"),
        ('{"a": 1}', "schema_names is not an array"),
        ("null", "schema_names is not an array"),
        ("[]", "schema_names is empty"),
        ('["orders", 1]', "schema_names holds something that is not text"),
        ("[null]", "schema_names holds something that is not text"),
        ('[["orders"]]', "schema_names holds something that is not text"),
    ],
)
async def test_schema_names_that_are_none(
    site: StandInSite, shop: str, text: str | None, message: str
) -> None:
    assert await refused(site, shop, text) == f"{message}: {EXPECTED}"


async def test_more_schemas_than_the_limit(site: StandInSite, shop: str) -> None:
    text = json.dumps([f"s{number}" for number in range(201)])
    assert await refused(site, shop, text) == (
        "The request names 201 schemas, the limit is 200 (DQX_WORKER_MAX_SCHEMAS): "
        "send several requests"
    )


async def test_a_contract_without_schema_objects(site: StandInSite) -> None:
    await site.backend.add_contract(contract("bare"))
    assert await refused(site, "bare", '["orders"]') == (
        "Contract bare has no schema objects: add one with a physical name"
    )


async def requested_before(site: StandInSite, contract_id: str, run_id: str, hours: int) -> None:
    async with site.backend.connection() as owner:
        await owner.execute(
            "INSERT INTO data_profiling_runs"
            " (id, contract_id, source, schema_names, status, started_at)"
            " VALUES ($1, $2, 'dqx', '[\"orders\"]', 'pending',"
            " now() - make_interval(hours => $3))",
            run_id,
            contract_id,
            hours,
        )


async def test_a_request_that_waited_too_long(site: StandInSite, shop: str) -> None:
    async with site.as_worker() as connection:
        await connection.execute(
            "INSERT INTO requests_seen VALUES ('waited', now() - interval '30 hours')"
        )
    await requested_before(site, shop, "waited", hours=0)
    assert await refusal_of(site, "waited") == (
        "The request has waited for 30 h and was never worked on; after 24 h "
        "(DQX_WORKER_MAX_REQUEST_AGE) a request is not begun any more: send a new one"
    )


async def test_the_date_of_a_request_is_not_looked_at(
    site: StandInSite, shop: str, worker: WorkerProcess
) -> None:
    await requested_before(site, shop, "dated", hours=200)
    (run,) = await ended(site.backend, "dated")
    assert (run["status"], run["error_message"]) == ("completed", None)

    def warned() -> list[str]:
        return [one["run"] for one in events(worker.log) if one["event"] == "request.odd_date"]

    assert warned() == ["dated"]
