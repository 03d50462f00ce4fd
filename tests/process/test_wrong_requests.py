"""A request that can't be worked on fails with what is wrong and what would be right."""

import json
from typing import Any

import pytest

from deploy.sandbox.rows import insert
from tests.process.conftest import Site
from tests.support.contracts import contract
from tests.support.runs import ended, events

pytestmark = pytest.mark.anyio

EXPECTED = 'expected a JSON array of schema names such as ["orders"]'


async def refused(site: Site, contract_id: str, text: str | None) -> str:
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


async def refusal_of(site: Site, run_id: str) -> str:
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
async def shop(site: Site) -> str:
    await site.backend.add_contract(contract("shop-of-refusals", orders="main.shop.orders"))
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
        (json.dumps(["x" * 5_000]), "schema_names holds a name of more than 600 characters"),
    ],
)
async def test_schema_names_that_are_none(
    site: Site, shop: str, text: str | None, message: str
) -> None:
    assert await refused(site, shop, text) == f"{message}: {EXPECTED}"


async def test_more_schemas_than_the_limit(site: Site, shop: str) -> None:
    text = json.dumps([f"s{number}" for number in range(201)])
    assert await refused(site, shop, text) == (
        "The request names 201 schemas, the limit is 200 (DQX_WORKER_MAX_SCHEMAS): "
        "send several requests"
    )


async def test_a_contract_without_schema_objects(site: Site) -> None:
    await site.backend.add_contract(contract("bare"))
    assert await refused(site, "bare", '["orders"]') == (
        "Contract bare has no schema objects: add one with a physical name"
    )


async def requested_before(site: Site, contract_id: str, run_id: str, hours: int) -> None:
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


async def test_a_request_that_waited_too_long(site: Site, shop: str) -> None:
    worker = await site.backend.worker.connect()
    try:
        await worker.execute(
            "INSERT INTO dqx_worker.requests_seen VALUES ('waited', now() - interval '30 hours')"
        )
    finally:
        await worker.close()
    await requested_before(site, shop, "waited", hours=0)
    assert await refusal_of(site, "waited") == (
        "The request has waited for 30 h and was never worked on; after 24 h "
        "(DQX_WORKER_MAX_REQUEST_AGE) a request is not begun any more: send a new one"
    )


async def test_the_date_of_a_request_is_not_looked_at(site: Site, shop: str) -> None:
    await requested_before(site, shop, "dated", hours=200)
    (run,) = await ended(site.backend, "dated")
    assert "table main.shop.orders was not found" in run["error_message"]

    def warned() -> list[str]:
        return [one["run"] for one in events(site.log) if one["event"] == "request.odd_date"]

    assert warned() == ["dated"]
