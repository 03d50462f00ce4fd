"""`dqx-worker config` shows which settings are in force, and never a secret."""

import json
import subprocess
from pathlib import Path

import pytest

from deploy.sandbox.backend import Login
from deploy.sandbox.worker_process import worker_environment
from tests.support.command import run_command
from worker.cli.exit_codes import ExitCode
from worker.settings import Settings


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    login = Login("db.example", 5433, "ontos", "worker", "s3cret-password")
    return worker_environment(login, tmp_path, DQX_WORKER_LEASE="30s")


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command(environment, "config", *arguments)


def test_every_setting_is_reported_with_its_value_and_source(environment: dict[str, str]) -> None:
    rows = {row["variable"]: row for row in json.loads(run(environment, "--json").stdout)}
    # PGUSER sets one of two, by the way to log in.
    assert len(rows) == len(Settings.model_fields) - 1
    assert (rows["POSTGRES_PORT"]["value"], rows["POSTGRES_PORT"]["source"]) == (
        "5433",
        "environment",
    )
    assert (rows["DQX_WORKER_LEASE"]["value"], rows["DQX_WORKER_LEASE"]["source"]) == (
        "30s",
        "environment",
    )
    assert (rows["DQX_WORKER_SLOTS"]["value"], rows["DQX_WORKER_SLOTS"]["source"]) == (
        "2",
        "default",
    )


def test_the_variable_that_counts_is_the_one_that_is_shown(environment: dict[str, str]) -> None:
    del environment["POSTGRES_HOST"]
    rows = json.loads(run(environment | {"PGHOST": "other"}, "--json").stdout)
    assert [row["value"] for row in rows if row["variable"] == "PGHOST"] == ["other"]


def test_only_what_is_set_is_shown_and_the_rest_on_demand(environment: dict[str, str]) -> None:
    answer = run(environment)
    lines = answer.stdout.splitlines()
    variables = [line.split()[0] for line in lines[2 : lines.index("")]]
    assert variables == [
        "POSTGRES_HOST",
        "POSTGRES_PORT",
        "POSTGRES_DB",
        "POSTGRES_USER",
        "POSTGRES_PASSWORD",
        "DQX_WORKER_ROOTS",
        "DQX_WORKER_LEASE",
    ]
    others = len(Settings.model_fields) - 1 - len(variables)
    assert lines[-1] == f"{others} other settings have their default: dqx-worker config --all"
    whole = run(environment, "--all").stdout
    assert len(whole.splitlines()) >= 2 + len(variables) + others
    assert "DQX_WORKER_SLOTS" in whole


@pytest.mark.parametrize(
    "login",
    [
        {"PGUSER": "w"},
        {"POSTGRES_USER": "w"},
        {"LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e", "PGUSER": "w"},
        {"LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e"},
    ],
)
def test_no_variable_is_listed_twice(environment: dict[str, str], login: dict[str, str]) -> None:
    del environment["POSTGRES_USER"], environment["POSTGRES_PASSWORD"]
    rows = json.loads(run(environment | login, "--json").stdout)
    variables = [row["variable"] for row in rows]
    assert len(variables) == len(set(variables))
    (user,) = [row for row in rows if row["variable"] in ("PGUSER", "POSTGRES_USER")]
    assert user["value"] == ("w" if "w" in login.values() else "")


@pytest.mark.parametrize("arguments", [(), ("--json",), ("--check",), ("--all",)])
def test_no_form_shows_a_secret(environment: dict[str, str], arguments: tuple[str, ...]) -> None:
    answer = run(environment, *arguments)
    assert answer.returncode == ExitCode.SUCCESS
    assert "s3cret-password" not in answer.stdout + answer.stderr


def test_check_refuses_what_run_would_refuse(environment: dict[str, str]) -> None:
    answer = run(environment | {"DQX_WORKER_SLOTS": "0"}, "--check")
    assert answer.returncode == ExitCode.CONFIGURATION
    assert answer.stderr.startswith("dqx-worker: DQX_WORKER_SLOTS: ")
