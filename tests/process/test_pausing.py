"""`pause` and `resume`, as an operator types them beside a running worker."""

import json
import socket
from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.command import run_command
from tests.support.probes import HOST, ask
from tests.support.runs import ended, events, names, row
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


async def test_a_paused_worker_ends_what_it_has_and_takes_the_rest_after_the_resume(
    server: Postgres, tmp_path: Path
) -> None:
    site = await StandInSite.made(server, tmp_path, "paused")
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    in_work = await site.request(a="stand_in.1500.1")
    with site.worker(DQX_WORKER_PROBES=f"{HOST}:{port}") as worker:
        await site.until_states(in_work, a="profiling")
        paused = run_command(site.environment, "pause", "--by", "ann", "--reason", "an upgrade")
        assert paused.stdout.startswith("claiming is paused by ann since ")
        await site.until_event(worker, "claiming.paused")
        assert (await ended(site.backend, in_work))[0]["status"] == "completed"
        await site.until_event(worker, "run.completed")
        waiting = await site.request(b="stand_in.1.1")
        ready = await ask(port)
        assert ready.status == 200
        note = ready.json()["parts"]["claiming"]["note"]
        assert (f"{note}\n", note[-12:]) == (paused.stdout, ": an upgrade")

        # Another one that drains has nothing that it may take.
        with site.worker("drained", "--drain") as drained:
            assert drained.wait(30) == 0

        async def seen() -> bool:
            async with site.as_worker() as connection:
                rows = await connection.fetch("SELECT run_id FROM requests_seen")
            return [one["run_id"] for one in rows] == [waiting]

        await until(seen, "the request is seen, and waits")
        assert (await row(site.backend, waiting))["status"] == "pending"

        resumed = run_command(site.environment, "resume", "--by", "bob", "--json")
        said = json.loads(resumed.stdout)
        assert (said["changed"], said["ended"]["by"]) == (True, "ann")
        assert (await ended(site.backend, waiting))[0]["status"] == "completed"
        await site.until_event(worker, "claiming.resumed")
        assert "note" not in (await ask(port)).json()["parts"]["claiming"]
    lines = events(worker.log)
    assert names(lines).count("claiming.paused") == 1
    (line,) = [one for one in lines if one["event"] == "claiming.resumed"]
    assert line["by"] == "bob"


async def test_pausing_twice_and_resuming_nothing_change_nothing(
    server: Postgres, tmp_path: Path
) -> None:
    site = await StandInSite.made(server, tmp_path, "paused_twice")
    nothing = run_command(site.environment, "resume")
    assert (nothing.returncode, nothing.stdout) == (
        0,
        "nothing changed: claiming was not paused\n",
    )
    first = json.loads(run_command(site.environment, "pause", "--by", "ann", "--json").stdout)
    assert (first["changed"], first["paused"], first["reason"]) == (True, True, None)
    again = run_command(site.environment, "pause", "--by", "bob", "--reason", "me too")
    assert again.stdout.startswith("nothing changed: claiming is paused by ann since ")
    report = json.loads(run_command(site.environment, "doctor", "--json", "--no-engine").stdout)
    (step,) = [one for one in report if one["step"] == "runs"]
    assert (step["status"], len(step["hints"])) == ("ok", 1)
    assert step["hints"][0].startswith("claiming is paused by ann since ")
    assert "Z: `dqx-worker resume`, once" in step["hints"][0]
    resumed = run_command(site.environment, "resume")
    assert resumed.stdout.startswith("claiming is resumed; ann had paused it at ")
