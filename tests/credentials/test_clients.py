"""SDK clients share nothing: DQX changes the timeouts of the config it gets."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from deploy.sandbox.workspace.faults import Fault, FaultKind
from tests.credentials.conftest import Served
from worker.preflight.requirements import reach_workspace
from worker.workspace.clients import dqx_client, workspace_client
from worker.workspace.errors import WorkspaceRefused, WorkspaceUnavailable
from worker.workspace.options import Purpose, WorkspaceOptions
from worker.workspace.sdk_errors import translated

pytestmark = pytest.mark.anyio


def test_each_purpose_has_a_config_and_timeouts_of_its_own(served: Served) -> None:
    configs = {purpose: workspace_client(served.options(), purpose).config for purpose in Purpose}
    assert len({id(config._inner) for config in configs.values()}) == len(Purpose)

    # What DQX 0.17 does to the one that it gets, by way of a copy that shares all (telemetry.py).
    copied = configs[Purpose.DQX].copy()  # type: ignore[no-untyped-call]
    copied.http_timeout_seconds = 5
    for purpose in (Purpose.CREDENTIALS, Purpose.SPARK):
        assert configs[purpose].http_timeout_seconds == purpose.http_timeout.total_seconds()
        assert configs[purpose].retry_timeout_seconds == purpose.retry_timeout.total_seconds()


@pytest.mark.parametrize(
    ("changes", "chosen"),
    [
        ({}, "oauth-m2m"),
        ({"client_id": None, "client_secret": None, "token": "t"}, "pat"),
        ({"token": "t"}, None),
        ({"token": "t", "auth_type": "pat"}, "pat"),
        ({"client_secret": None}, None),
    ],
)
def test_a_way_to_log_in_is_chosen_where_there_is_no_doubt(
    served: Served, changes: dict[str, str | None], chosen: str | None
) -> None:
    assert served.options(**changes).chosen_auth_type == chosen


def test_without_a_workspace_dqx_is_answered_in_the_process() -> None:
    assert dqx_client(WorkspaceOptions()).clusters.select_spark_version() == "offline"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.HANG, "/oidc/v1/token", times=9),
        Fault(FaultKind.HANG, "/spark-versions", times=9),
        Fault(FaultKind.SERVER_ERROR, "/spark-versions", times=9),
        Fault(FaultKind.BROKEN_JSON, "/spark-versions", times=9),
    ],
)
async def test_profiling_goes_on_without_a_workspace_that_cannot_be_reached_for_dqx(
    served: Served, fault: Fault
) -> None:
    served.workspace.faults.add(fault)
    client = await reach_workspace(served.options(), timedelta(seconds=3))
    assert client.clusters.select_spark_version() == "offline"


async def test_a_workspace_that_refuses_keeps_the_worker_from_starting(served: Served) -> None:
    with pytest.raises(WorkspaceRefused, match="refuses DATABRICKS_CLIENT_ID or its secret"):
        await reach_workspace(served.options(client_secret=SecretStr("wrong")))


def test_what_dqx_asks_is_asked_before_so_that_a_refusal_is_reported_as_one(served: Served) -> None:
    served.workspace.faults.add(Fault(FaultKind.FORBIDDEN, "/spark-versions"))
    with pytest.raises(WorkspaceRefused, match="does not permit it"):
        dqx_client(served.options())


def test_a_workspace_without_the_versions_that_dqx_asks_for_is_not_blamed_on_the_login() -> None:
    with pytest.raises(WorkspaceUnavailable, match="can't be read"), translated(WorkspaceOptions()):
        raise ValueError("spark versions query returned no results")
