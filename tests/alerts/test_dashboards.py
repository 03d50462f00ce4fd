"""The dashboards: Grafana's structure, metrics that exist, and SQL that Postgres answers."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract
from tests.alerts.metric_names import documented, named
from tests.alerts.rules import FOLDER
from worker.database.pool import Database

PROMETHEUS = FOLDER / "grafana-prometheus.json"
SQL = FOLDER / "grafana-sql.json"
DASHBOARDS = (PROMETHEUS, SQL)
GRANTS = FOLDER / "grafana.sql"
ROLE, PASSWORD = "grafana", "a-password-of-grafana"

Panel = dict[str, Any]


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def panels(path: Path) -> list[Panel]:
    """Return the panels that show something."""
    return [one for one in read(path)["panels"] if one["type"] != "row"]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_a_dashboard_can_be_imported_with_a_data_source_of_ones_own(path: Path) -> None:
    board = read(path)
    assert board["uid"]
    assert board["title"]
    assert board["schemaVersion"] >= 39
    assert "id" not in board, "an id belongs to one Grafana"
    (source,) = (one for one in board["templating"]["list"] if one["type"] == "datasource")
    kinds = {
        PROMETHEUS: "prometheus",
        SQL: "grafana-postgresql-datasource",
    }
    assert source["query"] == kinds[path]
    used = {
        (target["datasource"]["type"], target["datasource"]["uid"])
        for panel in panels(path)
        for target in [*panel["targets"], panel]
    }
    assert used == {(kinds[path], "${datasource}")}


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_every_panel_says_what_it_shows_in_which_unit(path: Path) -> None:
    for panel in panels(path):
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
    titles = [panel["title"] for panel in panels(path)]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_no_panel_lies_on_another_one(path: Path) -> None:
    every = read(path)["panels"]
    assert len({one["id"] for one in every}) == len(every)
    places = [one["gridPos"] for one in every]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert not [
        (one, other)
        for one, other in combinations(places, 2)
        if one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    ]


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    shown = set().union(
        *(named(target["expr"]) for panel in panels(PROMETHEUS) for target in panel["targets"])
    )
    assert shown <= documented()
    own = {name for name in documented() if name.startswith("dqx_worker_")}
    assert own - shown == set()


def test_every_series_is_one_of_the_chosen_job() -> None:
    for panel in panels(PROMETHEUS):
        for target in panel["targets"]:
            selectors = re.findall(r"(?:dqx_worker|process)_\w+(\{[^}]*\})?", target["expr"])
            assert 'job="$job"' in selectors[0], target["expr"]


@pytest.mark.anyio
async def test_a_role_that_reads_no_table_of_the_backend_is_answered_in_every_panel(
    server: Postgres, backend: Backend, database: Database
) -> None:
    await backend.add_contract(Contract("c", "c", ()))
    await backend.request("c", ["a"])
    await make_role(server, backend.worker.database)
    now = datetime.now(UTC)
    grafana = await replace(backend.worker, user=ROLE, password=PASSWORD).connect()
    try:
        for panel in panels(SQL):
            for target in panel["targets"]:
                rows = await grafana.fetch(filled_in(target["rawSql"], now))
                if "queue_status" in target["rawSql"]:
                    assert len(rows) == 1, panel["title"]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await grafana.fetch("SELECT FROM data_profiling_runs")
    finally:
        await grafana.close()


async def make_role(server: Postgres, database: str) -> None:
    """Make the role of Grafana, as an administrator does."""
    admin = await replace(server.admin, database=database).connect()
    try:
        await admin.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
        await admin.execute(granted(GRANTS.read_text("utf-8")))
    finally:
        await admin.close()


def granted(script: str) -> str:
    """Put in what psql does: its variables."""
    return script.replace(':"schema"', '"dqx_worker"').replace(':"role"', f'"{ROLE}"')


def filled_in(sql: str, now: datetime) -> str:
    """Put in what Grafana does: the schema, the chosen time, the width of a bar."""
    since = now - timedelta(hours=6)
    between = rf"\1 BETWEEN '{since.isoformat()}' AND '{now.isoformat()}'"
    sql = re.sub(r"\$__timeFilter\((\w+)\)", between, sql)
    sql = re.sub(
        r"\$__timeGroup\((\w+), \$__interval\)",
        r"floor(extract(epoch FROM \1) / 60) * 60",
        sql,
    )
    sql = sql.replace("$schema.", "dqx_worker.")
    assert "$" not in sql, sql
    return sql
