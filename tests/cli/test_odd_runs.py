"""The commands about runs survive whatever a row of the backend holds."""

from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from deploy.sandbox.worker_process import worker_environment
from tests.support.command import command
from tests.support.crowded_database import incompressible
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

LONG_ID = incompressible(2_692)
FIRST_DATE = "4714-11-24 00:00:00+00 BC"


async def test_the_commands_survive_any_row(
    database: Database, backend: Backend, tmp_path: Path
) -> None:
    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="c")
        for run_id, started_at, completed_at, status in (
            ("never", "-infinity", None, "pending"),
            ("for ever", FIRST_DATE, "infinity", "failed"),
            (LONG_ID, "294276-12-31", None, "pending"),
        ):
            await insert(
                owner,
                "data_profiling_runs",
                id=run_id,
                contract_id="c",
                status=status,
                triggered_by="x" * 1_000_000,
                error_message="\x1b[2J" * 1_000_000,
            )
            await owner.execute(
                "UPDATE data_profiling_runs SET started_at = $2::text::timestamptz,"
                " completed_at = $3::text::timestamptz WHERE id = $1",
                run_id,
                started_at,
                completed_at,
            )
    environment = worker_environment(backend.worker, tmp_path)
    for arguments, codes in (
        (("status",), (0,)),
        (("status", "--json"), (0,)),
        *(
            (arguments, codes)
            for run_id in ("never", "for ever", LONG_ID)
            for arguments, codes in (
                (("status", run_id, "--json"), (0,)),
                (("suggestions", run_id), (0,)),
                (("cancel", run_id, "--reason", "test"), (0, 10)),
            )
        ),
    ):
        done = await command(environment, *arguments)
        assert done.returncode in codes, (arguments, done.stderr)
        assert "Traceback" not in done.stderr
        assert len(done.stdout) < 200_000
