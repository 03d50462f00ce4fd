"""Every command leaves alone what another role has made in the backend's schema."""

from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.forked_commands import run_forked
from tests.support.hostile_role import leave_baits, taken_by
from tests.support.jobs import arguments
from tests.support.stand_in_workers import STAND_IN, StandInSite
from worker.cli.exit_codes import ExitCode
from worker.database.sql import load_sql

pytestmark = pytest.mark.anyio


async def test_no_command_runs_what_another_role_has_made_in_the_backends_schema(
    server: Postgres, tmp_path: Path
) -> None:
    site = await StandInSite.made(server, tmp_path, "open_schema")
    await leave_baits(server, site.backend.worker.database)
    run = await site.request(t="stand_in.1.1")
    launched = await site.request(t="stand_in.1.1")
    (contract,) = {one["contract_id"] for one in await site.backend.poll()}
    for command in (
        ["migrate"],
        ["job", *arguments(launched, contract)],
        ["run", "--drain"],
        ["doctor", "--no-engine"],
        ["status"],
        ["status", run],
        ["checks", contract],
        ["suggestions", run],
        ["enqueue", "--contract", contract, "--schema", "t"],
        ["prune"],
    ):
        answer = run_forked(command, site.environment, module=STAND_IN)
        assert answer.returncode == ExitCode.SUCCESS, answer.stderr
    # These two look for the run, and find it completed.
    for command in (["adopt", run], ["cancel", run, "--reason", "no need"]):
        answer = run_forked(command, site.environment, module=STAND_IN)
        assert answer.returncode == ExitCode.RUN_FAILED, answer.stderr
    assert {one["status"] for one in await site.backend.poll()} == {"completed", "pending"}
    assert await taken_by(site.backend.worker) == set()

    async with site.as_worker() as misled:
        await misled.fetch(load_sql("worker.queue", "claimed_by").completed("public"), run, 1, 1)
    assert await taken_by(site.backend.worker) == {"=", "left"}
