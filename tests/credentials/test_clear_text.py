"""Of a login no byte goes unencrypted to another machine, from wherever an address comes."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.credentials.conftest import CLIENT_ID, CLIENT_SECRET
from tests.credentials.redirecting_workspace import Site, site
from tests.support.command import run_command
from tests.support.not_loopback import Elsewhere, elsewhere
from worker.workspace.clients import dqx_client, workspace_client
from worker.workspace.errors import WorkspaceError, WorkspaceRefused
from worker.workspace.options import Purpose, WorkspaceOptions
from worker.workspace.sdk_errors import translated

M2M: dict[str, Any] = {
    "databricks_client_id": CLIENT_ID,
    "databricks_client_secret": SecretStr(CLIENT_SECRET),
}
PAT: dict[str, Any] = {"databricks_token": SecretStr("dapi0123456789abcdef")}
LOGINS = pytest.mark.parametrize("login", [M2M, PAT], ids=["oauth-m2m", "pat"])
PURPOSES = pytest.mark.parametrize("purpose", list(Purpose), ids=lambda one: one.name.lower())
METADATA = "/.well-known/databricks-config"
DISCOVERY = "/oidc/.well-known/oauth-authorization-server"
VERSIONS = "/api/2.1/clusters/spark-versions"


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", "/dev/null")
    with site() as served:
        yield served


def refusal(there: Elsewhere, options: WorkspaceOptions) -> str:
    """Return why a client is refused, of which nothing has arrived."""
    with pytest.raises(WorkspaceRefused) as caught:
        dqx_client(options)
    assert there.arrived == []
    return str(caught.value)


@PURPOSES
@LOGINS
def test_a_host_that_is_not_encrypted(
    there: Elsewhere, purpose: Purpose, login: dict[str, Any]
) -> None:
    with pytest.raises(WorkspaceRefused, match=f"host: {there.url} is not encrypted"):
        workspace_client(WorkspaceOptions(databricks_host=there.url, **login), purpose)
    assert there.arrived == []


@pytest.mark.parametrize("profile", ["dev", None], ids=["a profile", "the default profile"])
def test_the_host_of_a_profile(
    there: Elsewhere, profile: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "databrickscfg"
    file.write_text(
        f"[{profile or 'DEFAULT'}]\nhost = {there.url}\n"
        f"client_id = {CLIENT_ID}\nclient_secret = {CLIENT_SECRET}\n"
    )
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(file))
    with pytest.raises(WorkspaceRefused, match=f"host: {there.url} is not encrypted"):
        workspace_client(WorkspaceOptions(databricks_profile=profile), Purpose.CREDENTIALS)
    assert there.arrived == []


def test_a_discovery_url(
    there: Elsewhere, workspace: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_DISCOVERY_URL", f"{there.url}{DISCOVERY}")
    said = refusal(there, WorkspaceOptions(databricks_host=workspace.url, **M2M))
    assert f"discovery_url: {there.url} is not encrypted" in said


def test_a_metadata_service(
    there: Elsewhere, workspace: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_METADATA_SERVICE_URL", f"{there.url}/token")
    said = refusal(there, WorkspaceOptions(databricks_host=workspace.url))
    assert f"metadata_service_url: {there.url} is not encrypted" in said


def test_an_address_that_the_workspace_names(there: Elsewhere, workspace: Site) -> None:
    workspace.answers[METADATA] = {"oidc_endpoint": f"{there.url}/oidc"}
    said = refusal(there, WorkspaceOptions(databricks_host=workspace.url, **M2M))
    assert f"discovery_url: {there.url} is not encrypted" in said


@pytest.mark.parametrize("path", ["/oidc/v1/token", "\\@127.0.0.1/token"])
def test_a_token_endpoint(there: Elsewhere, workspace: Site, path: str) -> None:
    workspace.answers[DISCOVERY] = {
        "authorization_endpoint": f"{workspace.url}/oidc/v1/authorize",
        "token_endpoint": there.url + path,
    }
    said = refusal(there, WorkspaceOptions(databricks_host=workspace.url, **M2M))
    assert "token_endpoint: http://" in said


@pytest.mark.parametrize("path", [METADATA, DISCOVERY, "/oidc/v1/token", VERSIONS])
def test_a_redirect(there: Elsewhere, workspace: Site, path: str) -> None:
    workspace.answers[path] = there.url + path
    said = refusal(there, WorkspaceOptions(databricks_host=workspace.url, **M2M))
    assert said == f"{workspace.url} redirects to {there.url}, which is not encrypted"


def test_a_proxy_on_the_way_to_loopback(
    there: Elsewhere, workspace: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", there.url)
    said = refusal(there, WorkspaceOptions(databricks_host=workspace.url, **M2M))
    assert (
        said == f"host: {workspace.url} is not encrypted, and HTTP_PROXY leads to it: set NO_PROXY"
    )
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    client = workspace_client(
        WorkspaceOptions(databricks_host=workspace.url, **M2M), Purpose.CREDENTIALS
    )
    assert client.config.host == workspace.url


def test_a_redirect_that_stays_on_this_machine_is_followed(workspace: Site) -> None:
    workspace.answers["/moved"] = workspace.answers[DISCOVERY]
    workspace.answers[DISCOVERY] = "/moved"
    workspace.answers[VERSIONS] = {"versions": [{"key": "16.4.x-scala2.12", "name": "16.4 LTS"}]}
    client = dqx_client(WorkspaceOptions(databricks_host=workspace.url, **M2M))
    assert client.config.auth_type == "oauth-m2m"


@pytest.mark.parametrize("variable", ["ARM_CLIENT_SECRET", "DATABRICKS_PASSWORD"])
def test_what_the_sdk_reads_by_itself_is_trimmed_too(
    workspace: Site, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "kept blank \r\n")
    config = workspace_client(
        WorkspaceOptions(databricks_host=workspace.url, databricks_auth_type="pat", **PAT),
        Purpose.SPARK,
    ).config
    assert "kept blank" in (config.azure_client_secret, config.password)


@pytest.mark.parametrize("command", [["run"], ["status"], ["doctor"]], ids=lambda one: one[0])
def test_a_command_refuses_such_a_host_before_it_does_anything(
    there: Elsewhere, command: list[str]
) -> None:
    done = answer_of(command, DATABRICKS_HOST=f"{there.url}/?o=1")
    assert done.returncode == 3
    assert f"DATABRICKS_HOST: {there.url} is not encrypted" in done.stdout + done.stderr
    assert there.arrived == []


def test_a_command_names_the_variables_that_it_trims_and_no_value() -> None:
    done = answer_of(["config"], PGPASSWORD="inner blank stays \n", DATABRICKS_TOKEN=" dapi77\r\n")
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line["event"] for line in lines} == {"setting.trimmed"}
    assert [line["variable"] for line in lines] == ["PGPASSWORD", "DATABRICKS_TOKEN"]
    assert "blank stays" not in done.stdout + done.stderr
    assert "dapi77" not in done.stdout + done.stderr


def answer_of(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose Postgres is nowhere."""
    needed = {"PGHOST": "127.0.0.1", "PGPORT": "1", "PGDATABASE": "d", "PGUSER": "u"}
    return run_command(
        {**needed, "DQX_WORKER_LOG_FORMAT": "json", **environment}, *arguments, seconds=20
    )


def test_an_error_that_the_sdk_wraps_stays_what_it_is() -> None:
    refused = WorkspaceRefused("no")
    wrapped = ValueError("oauth-m2m: no")
    wrapped.__cause__ = refused
    with pytest.raises(WorkspaceError) as caught, translated(WorkspaceOptions()):
        raise wrapped
    assert caught.value is refused
