"""The compose files name variables that the worker has, with values that it takes."""

import os
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.sandbox.backend import PRINCIPAL
from deploy.sandbox.workspace.app import ENDPOINT
from worker.settings import Settings, load_settings, variables
from worker.telemetry.logs import LogFormat

FOLDER = Path(__file__).parents[2] / "deploy/compose"
FILES = ["compose.yaml", "existing.yaml"]
KNOWN = {name for field in Settings.model_fields for name in variables(field)}


def read(file: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FOLDER / file).read_text("utf-8"))
    return content


def workers(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: service
        for name, service in content["services"].items()
        if service["image"] == "dqx-worker"
    }


@pytest.mark.parametrize("file", FILES)
def test_a_migration_and_a_worker_have_variables_and_secrets_that_are_settings(file: str) -> None:
    found = workers(read(file))
    assert set(found) == {"migrate", "worker"}
    for service in found.values():
        assert set(service["environment"]) <= KNOWN
        assert {secret["target"] for secret in service["secrets"]} <= KNOWN


@pytest.mark.parametrize("file", FILES)
def test_the_worker_takes_the_values(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = workers(read(file))["worker"]
    for name in list(os.environ):
        if name.startswith(("POSTGRES_", "PG", "DQX_", "DATABRICKS_", "LAKEBASE_")):
            monkeypatch.delenv(name)
    for name, value in worker["environment"].items():
        # ${NAME:-default} and ${NAME:?what it is}
        filled = re.sub(r"\$\{\w+:([-?])([^}]*)\}", _filled, value)
        monkeypatch.setenv(name, filled)
    monkeypatch.setenv("DQX_WORKER_SECRETS", str(tmp_path))
    for secret in worker["secrets"]:
        (tmp_path / secret["target"]).write_text("from a file\n")
    settings = load_settings(os.environ)
    assert settings.log_format is LogFormat.JSON
    secrets = [settings.password, settings.databricks_client_secret]
    assert "from a file" in [secret and secret.get_secret_value() for secret in secrets]


@pytest.mark.parametrize("file", FILES)
def test_the_worker_is_confined_and_has_time_to_drain(file: str) -> None:
    for service in workers(read(file)).values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["tmpfs"] == ["/tmp:exec"]  # noqa: S108
    worker = workers(read(file))["worker"]
    grace = Settings.model_fields["grace"].default.total_seconds()
    assert int(worker["stop_grace_period"].removesuffix("s")) > grace


@pytest.mark.parametrize("file", FILES)
def test_the_worker_is_healthy_when_it_is_ready(file: str) -> None:
    worker = workers(read(file))["worker"]
    assert "DQX_WORKER_PROBES" not in worker["environment"]
    default = Settings.model_fields["probes"].get_default(
        call_default_factory=True, validated_data={}
    )
    assert f"http://{default}/readyz" in worker["healthcheck"]["test"][-1]


def test_tokens_stay_in_one_network_namespace() -> None:
    services = read("compose.yaml")["services"]
    postgres = services.pop("postgres")
    assert {service["network_mode"] for service in services.values()} == {"service:postgres"}
    assert all(port.startswith("127.0.0.1:") for port in postgres["ports"])


def test_the_start_is_ordered_by_what_is_ready() -> None:
    services = read("compose.yaml")["services"]
    order = ["postgres", "contracts", "workspace", "migrate", "worker"]
    for earlier, later in pairwise(order):
        condition = services[later]["depends_on"][earlier]["condition"]
        waits = "healthcheck" in services[earlier]
        assert condition == ("service_healthy" if waits else "service_completed_successfully")


def test_the_stand_in_is_what_the_worker_asks_for() -> None:
    content = read("compose.yaml")
    environment = workers(content)["worker"]["environment"]
    assert environment["DATABRICKS_CLIENT_ID"] == PRINCIPAL
    assert environment["LAKEBASE_ENDPOINT"] == ENDPOINT
    port = content["services"]["workspace"]["environment"]["SANDBOX_PORT"]
    assert environment["DATABRICKS_HOST"] == f"http://127.0.0.1:{port}"


def test_every_secret_is_a_file_that_is_there() -> None:
    content = read("compose.yaml")
    for secret in content["secrets"].values():
        assert (FOLDER / secret["file"]).read_text("utf-8").strip()
    used = {
        secret["source"]
        for service in content["services"].values()
        for secret in service.get("secrets", [])
    }
    assert used == set(content["secrets"])


def _filled(match: re.Match[str]) -> str:
    return match[2] if match[1] == "-" else "something"
