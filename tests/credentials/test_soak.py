"""Ten seconds of the soak that `make soak-credentials` runs for a minute."""

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from tests.soak.credentials import soak

pytestmark = pytest.mark.anyio


async def test_no_connection_fails_whatever_the_workspace_does(
    server: Postgres, backend: Backend
) -> None:
    report = await soak(server, backend, seconds=10, seed=3)

    assert report.failures == []
    assert report.connections > 0
    assert len(report.faults) > 3
    assert 1 < report.asked <= report.most_asked
