"""The compose files name variables that the worker has, with values that it takes."""

import os
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest
import yaml

from deploy.sandbox.backend import PRINCIPAL
from deploy.sandbox.compose import make_secrets
from deploy.sandbox.workspace.endpoints import ENDPOINT
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
        assert {secret["target"] for secret in service.get("secrets", [])} <= KNOWN


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
    folder = tmp_path / "worker"
    folder.mkdir()
    (tmp_path / "database").mkdir()
    monkeypatch.setenv("DQX_WORKER_SECRETS", str(folder))
    monkeypatch.setenv("SANDBOX_SECRETS", str(tmp_path))
    anyio.run(make_secrets)
    for secret in worker.get("secrets", []):
        (folder / secret["target"]).write_text("from a file\n")
    settings = load_settings(os.environ)
    assert settings.log_format is LogFormat.JSON
    assert settings.databricks_client_secret is not None
    if "secrets" in worker:
        assert settings.password.get_secret_value() == "from a file"


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
    assert services.pop("secrets")["network_mode"] == "none"
    assert {service["network_mode"] for service in services.values()} == {"service:postgres"}
    assert all(port.startswith("127.0.0.1:") for port in postgres["ports"])


def test_the_start_is_ordered_by_what_is_ready() -> None:
    services = read("compose.yaml")["services"]
    order = ["secrets", "postgres", "contracts", "workspace", "migrate", "worker"]
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


def test_the_first_start_makes_every_secret_and_a_later_one_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = read("compose.yaml")["services"]
    for volume in services["secrets"]["volumes"]:
        (tmp_path / volume.rpartition("/secrets/")[2]).mkdir()
    monkeypatch.setenv("SANDBOX_SECRETS", str(tmp_path))
    anyio.run(make_secrets)
    first = contents(tmp_path)
    anyio.run(make_secrets)
    assert contents(tmp_path) == first
    assert len(set(first.values())) == len(first) == 3
    # The worker's user is another one than that which makes them.
    assert {file.stat().st_mode & 0o777 for file in tmp_path.rglob("*") if file.is_file()} == {
        0o444
    }

    asked = {
        value.removeprefix("/secrets/")
        for service in services.values()
        for name, value in service.get("environment", {}).items()
        if name.endswith("_FILE")
    }
    assert asked <= first.keys()
    assert not list(FOLDER.rglob("*secret*"))


def contents(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): file.read_text()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_a_service_sees_the_secrets_that_it_needs_and_none_of_them_but_one_may_write() -> None:
    seen = {
        name: sorted(
            volume.removeprefix("/secrets/")
            for volume in (one.partition(":")[2] for one in service.get("volumes", []))
            if volume.startswith("/secrets/")
        )
        for name, service in read("compose.yaml")["services"].items()
    }
    assert seen == {
        "secrets": ["database", "worker"],
        "postgres": ["database:ro"],
        "contracts": ["database:ro"],
        "workspace": ["database:ro", "worker:ro"],
        "migrate": ["worker:ro"],
        "worker": ["worker:ro"],
        "backend": ["database:ro"],
    }


def _filled(match: re.Match[str]) -> str:
    return match[2] if match[1] == "-" else "something"
