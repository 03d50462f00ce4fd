"""`dqx-worker retry`, as someone types it with the backend's login beside a running worker."""

import json
from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_environment
from tests.support.command import command
from tests.support.runs import ended, row, suggestions
from tests.support.stand_in_workers import StandInSite

pytestmark = pytest.mark.anyio


async def test_what_failed_is_done_by_a_new_run_that_has_all_suggestions(
    server: Postgres, tmp_path: Path
) -> None:
    site = await StandInSite.made(server, tmp_path, "retried")
    as_backend = worker_environment(site.backend.owner, tmp_path)
    await command(site.environment, "migrate", "--grant-to", "backend")
    run_id = await site.request(good="stand_in.1.2", broken="stand_in.fails")
    early = await command(as_backend, "retry", run_id)
    assert (early.returncode, early.stdout) == (10, "")
    assert early.stderr == (
        f"dqx-worker: Run {run_id} is pending. Only a run that has ended can be retried\n"
    )
    with site.worker():
        (failed,) = await ended(site.backend, run_id)
        assert (failed["status"], len(await suggestions(site.backend, run_id))) == ("failed", 2)
        async with site.backend.connection() as owner:
            await owner.execute(
                "UPDATE data_contract_schema_objects SET physical_name = 'stand_in.1.3'"
                " WHERE name = 'broken'"
            )
        done = await command(as_backend, "retry", run_id[:8], "--wait", "--json")
    made, end = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, end["status"]) == (0, "completed")
    assert made == {"run": end["id"], "of": run_id, "schemas": ["broken"]}
    assert list(json.loads((await row(site.backend, end["id"]))["summary_stats"])["tables"]) == [
        "broken"
    ]
    # The backend offers those of the newest run.
    assert len(await suggestions(site.backend, end["id"])) == 2 + 3

    again = await command(as_backend, "retry", end["id"])
    assert (again.returncode, "Retry them all with --all" in again.stderr) == (10, True)
    whole = await command(as_backend, "retry", end["id"], "--all")
    new = await row(site.backend, whole.stdout.strip())
    assert (new["status"], json.loads(new["schema_names"])) == ("pending", ["broken"])
