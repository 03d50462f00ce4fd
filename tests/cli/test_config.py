"""`dqx-worker config` tells which settings are in force, and never a secret."""

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


def test_every_setting_is_told_with_its_value_and_source(environment: dict[str, str]) -> None:
    rows = {row["variable"]: row for row in json.loads(run(environment, "--json").stdout)}
    assert len(rows) == len(Settings.model_fields)
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


@pytest.mark.parametrize("arguments", [(), ("--json",), ("--check",)])
def test_no_form_shows_a_secret(environment: dict[str, str], arguments: tuple[str, ...]) -> None:
    answer = run(environment, *arguments)
    assert answer.returncode == ExitCode.SUCCESS
    assert "s3cret-password" not in answer.stdout + answer.stderr


def test_check_refuses_what_run_would_refuse(environment: dict[str, str]) -> None:
    answer = run(environment | {"DQX_WORKER_SLOTS": "0"}, "--check")
    assert answer.returncode == ExitCode.CONFIGURATION
    assert answer.stderr.startswith("dqx-worker: DQX_WORKER_SLOTS: ")
