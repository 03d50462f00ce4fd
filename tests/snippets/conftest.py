"""A database with a contract, and a worker whose tables are stand-ins."""

from collections.abc import AsyncIterator

import pytest

from deploy.sandbox.postgres import Postgres
from tests.snippets.contract import CONTRACT
from tests.support.stand_in_workers import StandInSite


@pytest.fixture(scope="module")
async def site(
    server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[StandInSite]:
    """A site whose one worker runs."""
    made = await StandInSite.made(server, tmp_path_factory.mktemp("page"), "page")
    await made.backend.add_contract(CONTRACT)
    with made.worker():
        yield made
