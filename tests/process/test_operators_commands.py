"""`cancel`, `adopt` and `prune`, as an operator types them."""

import json
import subprocess
from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.command import run_command
from tests.support.runs import ended, events, names, row
from tests.support.stand_in_workers import StandInSite
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

LONG = "stand_in.600000.2"


@pytest.fixture
async def site(server: Postgres, tmp_path: Path) -> StandInSite:
    return await StandInSite.made(server, tmp_path, "operated")


def typed(site: StandInSite, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command(site.environment, *arguments)


async def test_a_run_in_work_is_cancelled_and_its_worker_goes_on(site: StandInSite) -> None:
    run_id = await site.request(done="stand_in.1.1", long=LONG)
    with site.worker() as worker:
        await site.until_states(run_id, done="completed", long="profiling")
        done = typed(site, "cancel", run_id, "--by", "ann", "--reason", "wrong table")
        words = "Cancelled by ann: wrong table"
        assert (done.returncode, done.stdout) == (0, f"run {run_id} ended failed: {words}\n")
        run = await row(site.backend, run_id)
        assert (run["status"], run["error_message"]) == ("failed", words)
        await site.until_event(worker, "run.cancelled")
        after = await site.request(next="stand_in.1.1")
        await site.until_states(after, next="completed")
    assert "run.abandoned" not in names(events(worker.log))

    again = typed(site, "cancel", run_id, "--reason", "again")
    assert again.returncode == 10
    assert again.stderr == f"dqx-worker: Run {run_id} has ended already: failed ({words})\n"


async def test_a_run_that_waits_is_cancelled_without_any_worker(site: StandInSite) -> None:
    run_id = await site.request(long=LONG)
    site.environment["DQX_WORKER_CANCELLED_STATUS"] = "cancelled"
    done = typed(site, "cancel", run_id, "--by", "ann", "--reason", "no need", "--json")
    assert json.loads(done.stdout) == {
        "run": run_id,
        "status": "cancelled",
        "words": "Cancelled by ann: no need",
        "worker": None,
    }
    assert (await row(site.backend, run_id))["status"] == "cancelled"


async def test_a_run_without_a_holder_is_reported_adopted_and_done(site: StandInSite) -> None:
    run_id = await site.request(a="stand_in.1.1")
    async with site.backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'running'")
    with site.worker() as worker:
        await site.until_event(worker, "run.nobodys")
        assert (await row(site.backend, run_id))["status"] == "running"
        done = typed(site, "adopt", run_id, "--by", "ann")
        assert done.stdout == (
            f"run {run_id} is pending: adopted by ann: it was running and held by no worker\n"
        )
        await site.until_states(run_id, a="completed")
    assert typed(site, "adopt", run_id).returncode == 10


async def test_a_run_that_is_stuck_is_named_by_the_log_by_status_and_by_doctor(
    site: StandInSite,
) -> None:
    run_id = await site.request(a="stand_in.1.1")
    async with site.backend.connection() as owner:
        await owner.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'not today'; END $$;"
            " CREATE TRIGGER refuse BEFORE UPDATE ON data_profiling_runs FOR EACH ROW"
            " WHEN (NEW.status IN ('completed', 'failed')) EXECUTE FUNCTION refuse()"
        )
    with site.worker(DQX_WORKER_END_PATIENCE="1s") as worker:
        await site.until_event(worker, "run.stuck")
        # It is nobody's now, and nothing is tried again.
        assert (await site.attempts(run_id))[0]["outcome"] == "stuck"
        other = await site.request(b="stand_in.600000.1")
        await site.until_states(other, b="profiling")
    (line,) = [one for one in events(worker.log) if one["event"] == "run.stuck"]
    assert (line["run"], "raise_exception" in line["reason"]) == (run_id, True)
    assert f"run {run_id} of contract a.stand_in.1.1: stuck" in typed(site, "status", run_id).stdout
    listed = typed(site, "status").stdout
    assert ("stuck" in listed, "raise_exception" in listed) == (True, True)
    report = json.loads(typed(site, "doctor", "--json", "--no-engine").stdout)
    (found,) = [step for step in report if step["step"] == "runs"]
    assert (found["status"], found["detail"]) == ("ok", {"stuck": [run_id]})
    assert found["hints"][0].startswith(f"Run {run_id} is stuck: ")


async def test_what_is_kept_of_old_runs_is_dropped(site: StandInSite) -> None:
    run_id = await site.request(a="stand_in.1.1")
    with site.worker() as worker:
        await site.until_event(worker, "run.completed")
    assert typed(site, "prune").stdout == "dropped what was kept of 0 runs and 0 workers\n"
    site.environment["DQX_WORKER_KEEP_RUNS"] = "0s"
    done = typed(site, "prune", "--json")
    assert json.loads(done.stdout) == {"runs": 1, "workers": 0}
    assert await site.attempts(run_id) == []
    assert (await row(site.backend, run_id))["status"] == "completed"


async def test_what_is_cut_from_the_row_is_printed_by_status(site: StandInSite) -> None:
    run_id = await site.request(wide="stand_in.1.200", broken="stand_in.fails")
    with site.worker(DQX_WORKER_SUMMARY_LIMIT="2000"):
        (run,) = await ended(site.backend, run_id)

    polled = json.loads(run["summary_stats"])
    assert len(run["summary_stats"].encode()) <= 2000
    assert polled["cut"][-1] == "dqx-worker status RUN --json prints everything"
    assert polled["tables"]["wide"]["rows"] == 100

    tables = json.loads(typed(site, "status", run_id, "--json").stdout)["tables"]
    broken, wide = (one["summary"] for one in tables)
    assert wide["summary_stats"] == {
        f"c{number}": {"count": 100, "count_null": 0} for number in range(200)
    }
    assert wide.items() >= {"rows": 100, "columns": 200}.items()
    assert broken["error"] == "stand_in.fails can't be profiled"
    assert len(polled["tables"]["wide"]["summary_stats"]) < 200


async def test_a_worker_grants_the_rights_of_the_setting_when_it_migrates(
    site: StandInSite,
) -> None:
    async with site.as_worker() as connection:
        await connection.execute("REVOKE SELECT ON run_status FROM backend")
    settings = {"DQX_WORKER_MIGRATE": "true", "DQX_WORKER_GRANT_TO": "backend"}
    with site.worker(**settings) as worker:
        await site.until_event(worker, "worker.ready")
        (granted,) = (one for one in events(worker.log) if one["event"] == "right.granted")
        assert granted["statement"] == "GRANT SELECT ON dqx_worker.run_status TO backend"
    async with site.backend.connection() as owner:
        assert await owner.fetch("SELECT percent FROM dqx_worker.run_status") == []

    with site.worker("wrong", **(settings | {"DQX_WORKER_GRANT_TO": "absent"})) as worker:
        assert worker.wait(30) == ExitCode.CONFIGURATION
