"""A worker goes on with a schema that is edited while it is profiled, unless its name is gone."""

from pathlib import Path

import pytest

from deploy.sandbox.contract_edits import save_schemas
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Schema
from tests.support.runs import ended, suggestions
from tests.support.stand_in_workers import StandInSite

pytestmark = pytest.mark.anyio

# Longer than two heartbeats.
TABLE = "stand_in.2500.2"


async def test_a_schema_that_is_made_anew_is_found_again_by_its_name(
    server: Postgres, tmp_path: Path
) -> None:
    site = await StandInSite.made(server, tmp_path, "edited")
    with site.worker():
        run_id = await site.request(edited=TABLE, renamed=TABLE)
        await site.until_states(run_id, edited="profiling", renamed="profiling")
        contract = f"edited.{TABLE}-renamed.{TABLE}"
        names = ("edited", "other")
        await save_schemas(site.backend, contract, [Schema(name, TABLE, "", ()) for name in names])
        (run,) = await ended(site.backend, run_id)

    assert (run["status"], run["error_message"]) == (
        "failed",
        "Failed to profile 1 of 2 schemas: renamed: "
        "the schema was deleted from the contract while it was profiled",
    )
    found = await suggestions(site.backend, run_id)
    assert [one["schema_name"] for one in found] == ["edited", "edited"]
