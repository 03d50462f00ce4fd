"""Every statement of docs/backend.md, executed as the backend beside a running worker."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.snippets.code_blocks import PAGE, blocks, only
from tests.support.runs import ended, row, suggestions
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until
from worker.progress import shorten_summary

pytestmark = pytest.mark.anyio


class Reader:
    """Executes the statements of the page, and keeps those that are still to be executed."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.left = blocks("sql")

    async def run(self, heading: str, *arguments: object, keep: bool = False) -> Sequence[Any]:
        """Execute the first block below `heading`; return what its last statement returns."""
        block = next(one for one in self.left if one.heading == heading)
        if not keep:
            self.left.remove(block)
        rows: Sequence[Any] = []
        for statement in block.statements:
            places = max(map(int, re.findall(r"\$(\d+)", statement)), default=0)
            rows = await self.connection.fetch(statement, *arguments[:places])
        return rows


@pytest.fixture
async def reader(site: StandInSite) -> AsyncIterator[Reader]:
    async with site.backend.connection() as connection:
        yield Reader(connection)


async def test_every_statement_does_what_the_page_says(reader: Reader, site: StandInSite) -> None:
    old = str(uuid4())
    async with rolled_back(reader.connection):
        await reader.connection.execute(
            "INSERT INTO data_profiling_runs (id, contract_id, source, status, started_at)"
            " VALUES ($1, 'sales', 'dqx', 'pending', now() - interval '2 days')",
            old,
        )
        (found,) = await reader.run("Switch over from the Databricks job")
        assert found["id"] == old

    run = str(uuid4())
    await reader.run("Enqueue", run, "sales", '["orders"]', "ann")

    async def over() -> bool:
        (polled,) = await reader.run("Poll", run, keep=True)
        return polled["status"] not in ("pending", "running")

    await until(over, "the run ends")
    (polled,) = await reader.run("Poll", run)
    assert (polled["status"], polled["error_message"]) == ("completed", None)
    (progress,) = await reader.run("Poll", "sales")
    assert progress["id"] == run
    assert (progress["phase"], progress["percent"]) == ("completed", 100)
    assert (progress["tables_done"], progress["tables_total"]) == (1, 1)

    (queue,) = await reader.run("The queue and its workers")
    assert (queue["waiting"], queue["in_work"], queue["workers_alive"]) == (0, 0, 1)
    (worker,) = await reader.run("The queue and its workers")
    assert (worker["state"], worker["runs"]) == ("alive", 0)

    await decide(reader, run)
    await reader.run("Run again", run)
    await ended(site.backend, run)
    assert len(await site.attempts(run)) == 2
    assert len(await suggestions(site.backend, run)) == 4

    await cancel(reader, site)
    await options(reader, site)
    assert reader.left == []


async def decide(reader: Reader, run: str) -> None:
    """Accept two suggestions, one of a column that is no property, and reject the others."""
    found = await reader.run("Read the suggestions", run)
    evidence = await reader.run("Read the suggestions", run)
    assert {one["id"] for one in evidence} == {one["id"] for one in found}
    assert all(one["rule"] and one["kind"] and one["confidence"] for one in evidence)
    assert [one["property_name"] for one in found] == ["c0", "c1", "c2", "c3"]
    first, *rejected, last = (one["id"] for one in found)
    for suggestion in (first, last):
        for check in (str(uuid4()), str(uuid4())):
            # The second time it has been decided on.
            await reader.run("Accept and reject", check, suggestion, keep=True)
    (accepting, _) = (one for one in reader.left if one.heading == "Accept and reject")
    reader.left.remove(accepting)
    await reader.run("Accept and reject", [*rejected, first])

    decided = await reader.connection.fetch(
        "SELECT id, status FROM suggested_quality_checks WHERE profile_run_id = $1", run
    )
    assert dict(map(tuple, decided)) == {
        first: "accepted",
        last: "accepted",
        **dict.fromkeys(rejected, "rejected"),
    }
    checks = await reader.connection.fetch(
        "SELECT p.name AS property, s.id AS suggestion"
        " FROM data_contract_quality_checks q"
        " JOIN data_contract_schema_objects o ON o.id = q.object_id AND o.name = 'orders'"
        " LEFT JOIN data_contract_schema_properties p ON p.id = q.property_id"
        " JOIN suggested_quality_checks s ON s.implementation = q.implementation"
        " AND (s.name, s.rule, s.type, s.engine, s.severity, s.level, s.dimension)"
        " = (q.name, q.rule, q.type, q.engine, q.severity, q.level, q.dimension)"
    )
    assert {tuple(one) for one in checks} == {("c0", first), (None, last)}
    assert len(checks) == 2


async def cancel(reader: Reader, site: StandInSite) -> None:
    run = await site.backend.request("sales", ["endless"])
    await site.until_states(run, endless="profiling")
    await reader.run("Cancel", run, "Cancelled by ann")

    async def closed() -> bool:
        return [one["outcome"] for one in await site.attempts(run)] == ["overruled"]

    await until(closed, "the worker stops")
    left = await row(site.backend, run)
    assert (left["status"], left["error_message"]) == ("failed", "Cancelled by ann")
    assert left["summary_stats"] is None


async def options(reader: Reader, site: StandInSite) -> None:
    run = str(uuid4())
    await reader.run("Options of a run", run, "sales", '["orders", "items"]', "ann")
    (made,) = await ended(site.backend, run)
    assert made["status"] == "completed"
    tables = json.loads(made["summary_stats"])["tables"]
    of_run = {"max_null_ratio": 0, "filter": "status <> 'draft'"}
    assert tables["orders"]["profiler_options"] == of_run
    assert tables["items"]["profiler_options"] == of_run | {"limit": 20000}


@asynccontextmanager
async def rolled_back(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Undo the block: no worker sees what is inserted in it."""
    transaction = connection.transaction()
    await transaction.start()
    yield
    await transaction.rollback()


async def test_a_summary_has_the_keys_that_the_page_shows(site: StandInSite) -> None:
    run = await site.backend.request("sales", ["orders", "broken"])
    (made,) = await ended(site.backend, run)
    real, shown = json.loads(made["summary_stats"]), json.loads(only("json"))
    assert real.keys() == shown.keys()
    assert real["tables"]["orders"].keys() == shown["tables"]["orders"].keys()
    assert real["tables"]["broken"].keys() == shown["tables"]["items"].keys()
    assert real["errors"][0].keys() == shown["errors"][0].keys()


def test_the_page_says_in_which_order_statistics_are_left_out() -> None:
    (item,) = re.findall(
        r"^2\. statistics of all columns alike:(.+?);$", PAGE, re.DOTALL | re.MULTILINE
    )
    _, *kinds = shorten_summary._STATISTICS
    assert re.findall("`([^`]+)`", item) == [name for kind in reversed(kinds) for name in kind]


async def test_the_page_names_the_columns_that_evidence_has(site: StandInSite) -> None:
    table = PAGE.partition("### suggestion_evidence")[2].partition("`dqx-worker suggestions")[0]
    named: dict[str, str] = {}
    for line in table.splitlines():
        if line.startswith("| `"):
            _, names, kind, *_ = line.split("|")
            named |= dict.fromkeys(re.findall("`([^`]+)`", names), kind.strip())
    async with site.backend.connection() as connection:
        columns = await connection.fetch(
            "SELECT a.attname, format_type(a.atttypid, NULL) AS type FROM pg_attribute a"
            " WHERE a.attrelid = 'dqx_worker.suggestion_evidence'::regclass ORDER BY a.attnum"
        )
    short = {"timestamp with time zone": "timestamptz"}
    assert list(named.items()) == [
        (one["attname"], short.get(one["type"], one["type"])) for one in columns
    ]


def test_the_page_names_the_columns_that_a_suggestion_has() -> None:
    table = PAGE.partition("### suggested_quality_checks")[2].partition("All other columns")[0]
    named = [
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall("`([^`]+)`", line.split("|")[1])
    ]
    insert = (
        resources.files("worker.backend.suggestions")
        .joinpath("sql/insert_judged.sql")
        .read_text("utf-8")
    )
    columns = re.search(r"INSERT INTO \S+suggested_quality_checks \(([^)]+)\)", insert)
    assert columns is not None
    assert sorted(named) == sorted(one.strip() for one in columns[1].split(","))
