"""What people decided, what is personal and what a run wants otherwise: with a worker and DQX."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.accept_suggestions import accept, accept_within, reject
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from tests.process.conftest import Site
from tests.support.contracts import write_parquet
from tests.support.runs import dqx_name, ended, suggestions
from tests.support.waiting import until

pytestmark = [pytest.mark.anyio]

MARKED = "MARKED-VALUE"
NUMBER = 987_654_321
ROWS = 60


@dataclass(frozen=True, slots=True)
class Orders:
    """A contract of one table, and the site where it is profiled."""

    site: Site
    contract: str
    table: Path

    def write_table(self, *, most: int) -> None:
        write_parquet(
            self.table,
            id=[*range(1, ROWS), most],
            region=["EU", "US"] * (ROWS // 2),
            code=[f"code {number}" for number in range(ROWS)],
            mail=[f"{MARKED}@{number % 2}" for number in range(ROWS)],
            phone=[NUMBER + number % 2 for number in range(ROWS)],
            # Their sum is more than Spark's decimals hold: its error would name it.
            salary=[Decimal(f"{NUMBER}0000000000000000000000000.1234")] * ROWS,
        )

    async def profiled(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Request the table; return its part of the summary, its suggestions by DQX's names."""
        run_id = await self.site.backend.request(self.contract, ["orders"])
        (run,) = await ended(self.site.backend, run_id)
        assert run["status"] == "completed", run["error_message"]
        found = {dqx_name(one): one for one in await suggestions(self.site.backend, run_id)}
        summary: dict[str, Any] = json.loads(run["summary_stats"])["tables"]["orders"]
        return summary, found

    async def suggestions(self) -> list[dict[str, Any]]:
        """Return the suggestions of all runs of the contract."""
        found = await self.site.backend.suggestions()
        return [one for one in found if one["contract_id"] == self.contract]


@pytest.fixture
async def orders(site: Site, request: pytest.FixtureRequest) -> Orders:
    contract = f"orders of {request.node.name}"
    made = Orders(site, contract, site.tables / f"{contract}.parquet")
    made.write_table(most=ROWS)
    properties = (
        Property("id", "integer", "BIGINT", required=False),
        Property("region", "string", "STRING", required=False),
        Property("code", "string", "STRING", required=True),
        Property("MAIL", "string", "STRING", required=False, classification="PII"),
        Property("phone", "integer", "BIGINT", required=False, classification="personalData"),
        Property("salary", "number", "DECIMAL(38,4)", required=False, classification="pii"),
    )
    schema = Schema("orders", str(made.table), "", properties)
    await site.backend.add_contract(Contract(contract, "Orders", (schema,)))
    return made


async def test_suggestions_survive(site: Site, orders: Orders) -> None:
    summary, first = await orders.profiled()
    # `code` is required by the contract: its rule would say the same.
    assert set(first) == {
        *("id_is_null", "id_isnt_in_range", "region_is_null_or_empty", "region_other_value"),
        *("code_is_null_or_empty", "mail_is_null_or_empty", "phone_is_null"),
    }
    personal = "it names values of a column of personal data"
    assert summary["held_back"] == {
        "mail_other_value": personal,
        "phone_isnt_in_range": personal,
        "phone_other_value": personal,
    }
    assert first["region_other_value"]["rationale"] == (
        "All 60 rows of the table pass; there are no others to try it on. "
        "The list holds the 2 values that were seen."
    )
    assert summary["summary_stats"]["phone"] == {
        "count": ROWS,
        "count_distinct": 2,
        "count_non_null": ROWS,
        "count_null": 0,
        "empty_count": 0,
    }

    await accept(site.backend, [first[name]["id"] for name in ("id_is_null", "id_isnt_in_range")])
    await reject(site.backend, [first["region_other_value"]["id"]])
    orders.write_table(most=100)
    summary, second = await orders.profiled()
    assert set(second) == set(first) - {"id_is_null", "region_other_value"}
    assert summary["held_back"]["id_is_null"] == "the contract has it"
    assert summary["held_back"]["region_other_value"] == "it was rejected before"
    changed = second["id_isnt_in_range"]
    # Its greatest value is an outlier to DQX now: the rule flags that row.
    assert changed["rationale"].startswith(
        "Changes the accepted rule: id from 1 to 60. The accepted rule flags 1 of 60 rows looked "
        "at. 59 of 60 rows of the table pass and 1 fails"
    )
    # Each check waits once, with the latest run; what people decided is left as it was.
    left = {(dqx_name(one), one["status"]) for one in await orders.suggestions()}
    assert len(await orders.suggestions()) == len(second) + 3
    assert {one for one in left if one[1] != "pending"} == {
        ("id_is_null", "accepted"),
        ("id_isnt_in_range", "accepted"),
        ("region_other_value", "rejected"),
    }
    assert MARKED.encode() in orders.table.read_bytes()
    written = [site.log.read_text(), *map(str, await orders.suggestions())]
    written += [str(one) for one in await site.backend.poll()]
    worker = await site.backend.worker.connect()
    written += map(str, await worker.fetch("SELECT * FROM dqx_worker.table_progress"))
    await worker.close()
    for text in written:
        assert MARKED not in text
        assert str(NUMBER)[:-1] not in text


async def test_what_is_accepted_while_it_is_superseded_is_not_suggested_again(
    site: Site, orders: Orders
) -> None:
    _, first = await orders.profiled()
    accepted = first["region_other_value"]["id"]
    async with site.backend.connection() as person:
        accepting = person.transaction()
        await accepting.start()
        await accept_within(person, [accepted])
        run_id = await site.backend.request(orders.contract, ["orders"])

        async def waits() -> bool:
            async with site.backend.connection() as other:
                return bool(
                    await other.fetchval(
                        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                        " WHERE NOT granted AND locktype = 'transactionid'"
                        " AND datname = current_database()"
                    )
                )

        await until(waits, "the worker waits for the person")
        await accepting.commit()
    await ended(site.backend, run_id)
    second = {dqx_name(one) for one in await suggestions(site.backend, run_id)}
    assert second == set(first) - {"region_other_value"}
    kept = [one for one in await orders.suggestions() if one["id"] == accepted]
    assert [one["status"] for one in kept] == ["accepted"]


async def with_options(orders: Orders, options: Any) -> str:
    """Request the table with options, as a backend does: in one transaction."""
    async with orders.site.backend.connection() as owner, owner.transaction():
        run_id = f"run-{hash(json.dumps(options))}"
        await owner.execute(
            "INSERT INTO dqx_worker.run_options (run_id, options) VALUES ($1, $2)",
            run_id,
            json.dumps(options),
        )
        await owner.execute(
            "INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status)"
            " VALUES ($1, $2, 'dqx', '[\"orders\"]', 'pending')",
            run_id,
            orders.contract,
        )
    return run_id


_UNUSABLE: Sequence[tuple[dict[str, Any], str]] = (
    (
        {"profiler": {"max_in_cuont": 1}},
        "profiler.max_in_cuont: there is no such option here",
    ),
    ({"profiler": {"limit": "many"}}, "profiler.limit: Input should be a valid integer"),
    ({"criticality": "fatal"}, "criticality: Input should be 'error' or 'warn'"),
    ({"profiler": {"llm_primary_key_detection": True}}, "llm_primary_key_detection"),
    ({"profiler": {"filter": "reflect('a', 'b')"}}, "'reflect' is not allowed in a filter"),
    ({"profiler": {"filter": "id IN (SELECT 1)"}}, "'select' is not allowed in a filter"),
    ({"profiler": {"limit": 2**31}}, "profiler.limit: Input should be less than or equal"),
    ({"leave_out": ["is_in_lst"]}, "leave_out: 'is_in_lst' is none of "),
    ({"tables": {"other": {}}}, "tables: the request does not name other"),
)
_INAPPLICABLE = (
    ("mail <> 'nobody'", "the filter names a column of personal data beside values"),
    ("ID > 1", "the filter can't be applied to "),
    ("id +", "the filter can't be applied to "),
)


async def test_a_run_has_options_of_its_own(site: Site, orders: Orders) -> None:
    async with site.backend.connection() as owner:
        await owner.execute(
            "DELETE FROM data_contract_schema_properties WHERE required AND object_id IN"
            " (SELECT id FROM data_contract_schema_objects WHERE contract_id = $1)",
            orders.contract,
        )
    worker = await site.backend.worker.connect()
    await worker.execute("GRANT INSERT ON dqx_worker.run_options TO backend")
    await worker.close()
    chosen = {
        "criticality": "warn",
        "leave_out": ["is_not_null"],
        "profiler": {"max_in_count": 1, "filter": "id < 50", "trim_strings": False},
        "tables": {"orders": {"criticality": "error", "profiler": {"limit": 30}}},
    }
    run_id = await with_options(orders, chosen)
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "completed", run["error_message"]
    table = json.loads(run["summary_stats"])["tables"]["orders"]
    assert (table["of_rows"], table["sample_limit"]) == (49, 30)
    assert table["held_back"]["id_is_null"] == "its function is left out"
    found = {dqx_name(one): one for one in await suggestions(site.backend, run_id)}
    assert "region_other_value" not in found
    assert {one["severity"] for one in found.values()} == {"error"}
    ranged = json.loads(found["id_isnt_in_range"]["implementation"])
    assert ranged["filter"] == "id < 50"
    assert ranged["check"]["arguments"]["max_limit"] < 50
    assert found["id_isnt_in_range"]["rationale"].endswith(" Only rows where id < 50.")
    assert "the first 30 of a random 80.6122% of 49 " in found["id_isnt_in_range"]["rationale"]

    unusable = {await with_options(orders, options): problem for options, problem in _UNUSABLE}
    for run in await ended(site.backend, *unusable):
        assert run["error_message"].startswith("The run's options can't be used: ")
        assert unusable[run["id"]] in run["error_message"]
    inapplicable = {
        await with_options(orders, {"profiler": {"filter": condition}}): problem
        for condition, problem in _INAPPLICABLE
    }
    for run in await ended(site.backend, *inapplicable):
        failed = f"Failed to profile 1 of 1 schema: orders: {inapplicable[run['id']]}"
        assert run["error_message"].startswith(failed)
