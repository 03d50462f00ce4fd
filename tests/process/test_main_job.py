"""From a request row to suggestions, through the real process."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from deploy.sandbox.accept_suggestions import accept
from deploy.sandbox.insert_rows import insert
from deploy.sandbox.postgres import Postgres
from tests.process.conftest import Site
from tests.support.contracts import contract, write_parquet
from tests.support.runs import ended, events, names, row, suggestions
from tests.support.stand_in_workers import StandInSite
from worker.suggestions.errors import in_contract

pytestmark = [pytest.mark.anyio]


async def test_a_request_becomes_suggestions_and_a_completed_run(site: Site) -> None:
    path = write_parquet(
        site.tables / "orders.parquet",
        id=list(range(100)),
        name=["EU", "US"] * 50,
        price=[Decimal("0.10") + n for n in range(100)],
        day=[date(2024, 1, 1 + n % 28) for n in range(100)],
    )
    await site.backend.add_contract(contract("shop", orders=path))
    run_id = await site.backend.request("shop", ["orders"])
    requested = (await row(site.backend, run_id))["started_at"]
    (run,) = await ended(site.backend, run_id)
    assert (run["status"], run["error_message"]) == ("completed", None)
    assert run["started_at"] == requested
    assert run["completed_at"] > requested

    rows = await suggestions(site.backend, run_id)
    summary = json.loads(run["summary_stats"])
    assert summary["total_suggestions"] == len(rows)
    assert summary["errors"] == []
    table = summary["tables"]["orders"]
    assert set(table) >= {
        "physical_name",
        "summary_stats",
        "profile_count",
        "rows",
        "columns",
        "duration_s",
        "skipped_columns",
    }
    assert (table["physical_name"], table["rows"], table["columns"]) == (str(path), 100, 4)
    assert table["skipped_columns"] == {}
    assert table["summary_stats"]["name"]["count_distinct"] == 2
    assert table["profile_count"] == len(rows)

    by_rule = {one["rule"]: one for one in rows}
    listed = by_rule["name in EU, US"]
    assert {column: listed[column] for column in _FILLED} == _LISTED
    assert json.loads(listed["implementation"]) == _IMPLEMENTATION
    assert listed["rationale"].startswith("All 100 rows of the table pass; ")
    assert "price from 0.1 to 99.1" in by_rule
    assert "day from 2024-01-01 to 2024-01-28" in by_rule
    assert all(one[column] is None for one in rows for column in _NULL)


_LISTED = {
    "contract_id": "shop",
    "source": "dqx",
    "schema_name": "orders",
    "property_name": "name",
    "status": "pending",
    "name": "name in list",
    "level": "property",
    "dimension": "conformity",
    "severity": "error",
    "type": "custom",
    "engine": "dqx",
}
_IMPLEMENTATION = {
    "check": {
        "function": "is_in_list",
        "arguments": {"column": "name", "allowed": ["'EU'", "'US'"]},
    },
    "name": "name_other_value",
    "criticality": "error",
}
_FILLED = (
    "contract_id",
    "source",
    "schema_name",
    "property_name",
    "status",
    "name",
    "level",
    "dimension",
    "severity",
    "type",
    "engine",
)
_NULL = (
    "business_impact",
    "method",
    "schedule",
    "scheduler",
    "unit",
    "tags",
    "query",
    "confidence_score",
    "must_be",
    "must_not_be",
    "must_be_gt",
    "must_be_ge",
    "must_be_lt",
    "must_be_le",
    "must_be_between_min",
    "must_be_between_max",
)


async def test_a_failed_table_fails_the_run_and_costs_the_others_nothing(site: Site) -> None:
    good = write_parquet(site.tables / "good.parquet", id=[1, 2, 3])
    await site.backend.add_contract(
        contract("mixed", good=good, gone="main.shop.orders", bad=site.tables / "absent.csv")
    )
    run_id = await site.backend.request("mixed", ["good", "gone", "unknown", "bad"])
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "failed"
    assert run["error_message"].startswith("Failed to profile 3 of 4 schemas: ")
    assert "gone: table main.shop.orders was not found" in run["error_message"]
    assert "unknown: the contract has no schema 'unknown'" in run["error_message"]
    summary = json.loads(run["summary_stats"])
    assert {error["schema"] for error in summary["errors"]} == {"bad", "gone", "unknown"}
    assert summary["tables"]["gone"] == {
        "physical_name": "main.shop.orders",
        "error": "table main.shop.orders was not found",
    }
    rows = await suggestions(site.backend, run_id)
    assert {one["schema_name"] for one in rows} == {"good"}
    assert summary["total_suggestions"] == len(rows) > 0


async def test_the_same_run_processed_again_doubles_nothing(site: Site) -> None:
    path = write_parquet(site.tables / "again.parquet", id=[1, 2, 3], name=["a", "b", "c"])
    await site.backend.add_contract(contract("again", again=path))
    run_id = await site.backend.request("again", ["again"])
    (first,) = await ended(site.backend, run_id)
    before = await suggestions(site.backend, run_id)
    async with site.backend.connection() as owner:
        await owner.execute(
            "UPDATE suggested_quality_checks SET status = 'accepted' WHERE id = $1",
            before[0]["id"],
        )
        await owner.execute(
            "UPDATE data_profiling_runs SET status = 'pending', completed_at = NULL WHERE id = $1",
            run_id,
        )
    (second,) = await ended(site.backend, run_id)
    assert second["completed_at"] > first["completed_at"]
    after = await suggestions(site.backend, run_id)
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert after[0]["status"] == "accepted"


async def test_columns_of_any_name_are_profiled_and_suggested_under_their_own(site: Site) -> None:
    address = pa.array([{"zip": n, "city": "x"} for n in range(20)])
    table = pa.table(
        {
            "id": list(range(20)),
            "a.b": list(range(20)),
            "c`d": list(range(20)),
            "Amount (usd)": [float(n) for n in range(20)],
            "address": address,
            "true": list(range(20)),
        }
    )
    path = site.tables / "odd.parquet"
    pa.parquet.write_table(table, path)
    await site.backend.add_contract(contract("odd", odd=path))
    (run,) = await ended(site.backend, await site.backend.request("odd", ["odd"]))
    assert run["status"] == "completed"
    part = json.loads(run["summary_stats"])["tables"]["odd"]
    assert part["skipped_columns"] == {}
    assert {"a.b", "`c``d`"} <= set(part["summary_stats"])
    rows = await suggestions(site.backend, run["id"])
    assert _columns(rows) >= {"id", "`Amount (usd)`", "address.zip", "address.city", "`true`"}
    assert _columns(rows) >= {"`a.b`", "`c``d`"}
    nested = next(one for one in rows if one["property_name"] == "address.zip")
    assert nested["level"] == "object"


async def test_a_larger_table_is_sampled_and_the_rationale_says_how(site: Site) -> None:
    path = write_parquet(site.tables / "large.parquet", id=list(range(20_000)))
    await site.backend.add_contract(contract("large", large=path))
    (run,) = await ended(site.backend, await site.backend.request("large", ["large"]))
    part = json.loads(run["summary_stats"])["tables"]["large"]
    assert (part["of_rows"], part["sampling"], part["sample_seed"]) == (
        20_000,
        "representative",
        42,
    )
    assert 4_500 < part["rows"] <= part["sample_limit"] == 5_000
    (one, *_) = await suggestions(site.backend, run["id"])
    assert re.fullmatch(
        rf"All {part['rows']:,} rows that it was made of pass, drawn at random from all 20,000 "
        r"\(seed 42\); of 4,\d{3} other rows drawn at random all pass: with 95% confidence at most "
        r"0\.0\d+% of the rows not looked at fail\.(?: Real min/max values were used\.)?",
        one["rationale"],
    )


async def test_the_tables_of_an_older_ontos_will_do(server: Postgres, tmp_path: Path) -> None:
    site = await StandInSite.made(server, tmp_path, "older", older=True)
    await site.backend.add_contract(contract("shop", orders="stand_in.repeats.2"))
    run_id = await site.backend.request("shop", ["orders"])
    with site.worker():
        (run,) = await ended(site.backend, run_id)
        assert (run["status"], run["error_message"]) == ("completed", None)
        found = [one["id"] for one in await suggestions(site.backend, run_id)]
        assert len(found) == 2
        await accept(site.backend, found)
        again = await site.backend.request("shop", ["orders"])
        (_, run) = await ended(site.backend, run_id, again)
    assert await suggestions(site.backend, again) == []
    held_back = json.loads(run["summary_stats"])["tables"]["orders"]["held_back_counts"]
    assert held_back == {in_contract(): len(found)}


async def test_a_request_that_is_none_fails_with_what_would_be_right(site: Site) -> None:
    await site.backend.add_contract(contract("refused", one="x.parquet"))
    async with site.backend.connection() as owner:
        for number, text in enumerate([None, "{", "{}", "[]", "[1]", '["a\\u0000"]']):
            await insert(
                owner,
                "data_profiling_runs",
                id=f"refused{number}",
                contract_id="refused",
                schema_names=text,
            )
    runs = await ended(site.backend, *(f"refused{number}" for number in range(6)))
    assert {run["status"] for run in runs} == {"failed"}
    for run in runs[:5]:
        assert 'expected a JSON array of schema names such as ["orders"]' in run["error_message"]
        assert json.loads(run["summary_stats"])["errors"][0]["error"] == run["error_message"]


async def test_the_log_is_json_lines_with_stable_names_and_no_values(site: Site) -> None:
    path = write_parquet(site.tables / "secret.parquet", name=["s3cr3t-value"] * 30)
    await site.backend.add_contract(contract("secret", secret=path))
    run_id = await site.backend.request("secret", ["secret"])
    await ended(site.backend, run_id)
    lines = events(site.log)
    own = [line for line in lines if line.get("run") == run_id and line["level"] != "debug"]
    assert names(own) == [
        "run.claimed",
        "run.planned",
        "table.begun",
        "table.profiled",
        "run.completed",
    ]
    assert {line["contract"] for line in own} == {"secret"}
    assert {line["triggered_by"] for line in own} == {"sandbox"}
    assert own[1]["schemas"] == ["secret"]
    assert own[3]["schema"] == "secret"
    text = site.log.read_text()
    assert "s3cr3t-value" not in text
    assert site.backend.worker.password not in text
    assert "workspace.offline" in names(lines)


def _columns(rows: list[dict[str, Any]]) -> set[str]:
    return {json.loads(one["implementation"])["check"]["arguments"]["column"] for one in rows}
