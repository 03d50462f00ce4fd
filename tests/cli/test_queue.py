"""`dqx-worker queue` and `dqx-worker workers`, and the head of `dqx-worker status`."""

import json
import os
import re
import subprocess
from pathlib import Path

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.worker_process import worker_command, worker_environment
from tests.support.command import command
from tests.support.contracts import contract
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

_WORKERS = """
INSERT INTO workers (id, version, engine, slots, last_seen, stopped_at) VALUES
    ('works', '1', 'local', 2, now(), NULL),
    ('older', '1', 'local', 4, now() - interval '35 seconds', NULL),
    ('died', '1', 'local', 2, now() - interval '2 minutes', NULL),
    ('left', '1', 'connect', 2, now() - interval '1 second', now()),
    ('warms', '1', 'local', 0, now(), NULL),
    ('never came back', '1', 'local', 2, now() - interval '12 minutes', NULL),
    ('long ago', '1', 'local', 2, now() - interval '2 days', NULL)
"""
_RUNS = """
INSERT INTO attempts (run_id, number, worker, begun_at, ended_at, outcome)
SELECT 'done-' || n, 1, 'works', now() - interval '90 seconds' + n * interval '10 seconds',
       now() - interval '80 seconds' + n * interval '10 seconds', 'completed'
FROM generate_series(0, 7) n;
INSERT INTO attempts (run_id, number, worker) VALUES ('r0', 1, 'works');
INSERT INTO leases (run_id, attempt, token, worker, expires_at)
VALUES ('r0', 1, gen_random_uuid(), 'works', now() + interval '1 hour');
INSERT INTO requests_seen VALUES ('r2', now() - interval '200 seconds');
"""


@pytest.fixture
async def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    """A queue of three requests, a run in work, and one that no worker holds."""
    await backend.add_contract(contract("c", orders="main.shop.orders"))
    async with backend.connection() as owner:
        for run_id in ("r0", "r1", "r2", "r3", "r4"):
            await backend.request("c", ["orders"], run_id=run_id)
        await owner.execute(
            "UPDATE data_profiling_runs SET status = 'running' WHERE id IN ('r0', 'r1')"
        )
    async with database.connection() as connection:
        await connection.execute(_WORKERS + ";" + _RUNS)
    return worker_environment(backend.worker, tmp_path)


async def test_the_queue_is_shown_with_its_age_workers_rate_and_time_left(
    environment: dict[str, str], database: Database
) -> None:
    queue = json.loads((await command(environment, "queue", "--json")).stdout)
    assert {name: queue[name] for name in ("waiting", "in_work", "without_lease", "slots")} == {
        "waiting": 3,
        "in_work": 1,
        "without_lease": 1,
        "slots": 6,
    }
    assert (queue["workers_alive"], queue["workers_silent"]) == (2, 1)
    assert queue["claiming_paused"] is False
    assert 200 <= queue["oldest_waiting"] < 230
    # Eight runs of 10 s, one after the other, in 90 s: three more, and the one in work.
    assert 4.5 <= queue["ended_per_minute"] <= 5.4
    assert 30 <= queue["time_left"] <= 40
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE claiming SET paused = true, changed_by = 'ann', reason = 'an upgrade',"
            " changed_at = now() - interval '12 minutes'"
        )
    shown = (await command(environment, "queue")).stdout
    *lines, unheld = shown.splitlines()
    assert unheld == "Run r1 is running and no worker holds it: `dqx-worker adopt r1` takes it over"
    facts = dict(re.split(" {3,}", line.strip(), maxsplit=1) for line in lines)
    assert facts.pop("waiting").startswith("3 (the oldest for 3 min")
    assert facts.pop("ended").endswith(" runs a minute")
    assert facts == {
        "in work": "1",
        "without a worker": "1",
        "workers": "2 alive with 6 slots, 1 silent",
        "time left": "unknown, as claiming is paused",
        "claiming": "paused by ann 12 min ago: an upgrade",
    }
    third = (await command(environment, "status")).stdout.splitlines()[2]
    assert third == "claiming is paused by ann 12 min ago: an upgrade"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE workers SET stopped_at = now()", "no worker takes requests"),
        (
            "UPDATE workers SET last_seen = last_seen - interval '1 hour';"
            " UPDATE leases SET renewed_at = now() - interval '2 hours';",
            "no worker takes requests",
        ),
        ("DELETE FROM attempts WHERE ended_at IS NOT NULL", "no run has ended in the last day"),
    ],
)
async def test_if_the_time_left_is_unknown_the_reason_is_shown(
    environment: dict[str, str], database: Database, change: str, reason: str
) -> None:
    async with database.connection() as connection:
        await connection.execute(change)
    shown = (await command(environment, "queue")).stdout
    assert re.search(rf"^time left +unknown, as {reason} *$", shown, re.MULTILINE)


async def test_status_begins_with_the_state_of_the_queue(environment: dict[str, str]) -> None:
    first, second, empty, *_ = (await command(environment, "status")).stdout.splitlines()
    assert first.startswith("3 waiting (the oldest for 3 min")
    assert first.endswith("), 1 in work, 1 running without a worker (see `dqx-worker queue`)")
    assert second.startswith("workers: 2 alive with 6 slots, 1 silent, ")
    assert second.endswith(" s left")
    assert empty == ""


async def test_a_waiting_run_is_shown_with_its_place_and_time_left(
    environment: dict[str, str],
) -> None:
    head = (await command(environment, "status", "r2")).stdout.splitlines()[0]
    assert re.search(r": pending, 3 min 2\d s, 0 suggestions, place 1, about \d+ s left", head)


async def test_lists_show_durations_in_the_units_of_the_view_and_no_unknown_number_of_tables(
    environment: dict[str, str],
) -> None:
    lines = (await command(environment, "status")).stdout.splitlines()
    (cells,) = [line.split("│") for line in lines if line.startswith("r2 ")]
    assert re.fullmatch(r"3 min 2\d s", cells[4].strip())
    assert cells[3].strip() == ""


async def test_no_time_left_is_shown_of_a_run_whose_worker_is_silent(
    environment: dict[str, str], database: Database
) -> None:
    assert " left" in (await command(environment, "status", "r0")).stdout
    async with database.connection() as connection:
        await connection.execute("UPDATE leases SET renewed_at = now() - interval '2 hours'")
    shown = (await command(environment, "status", "r0")).stdout
    assert "which has been silent for 2 h" in shown
    assert " left" not in shown


async def test_of_requests_of_one_moment_the_last_of_the_queue_is_the_newest(
    environment: dict[str, str], backend: Backend
) -> None:
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET started_at = now()")
    runs = json.loads((await command(environment, "status", "--json")).stdout)
    assert [one["id"] for one in runs] == ["r4", "r3", "r2", "r1", "r0"]


async def test_workers_are_alive_silent_lost_or_stopped(environment: dict[str, str]) -> None:
    workers = json.loads((await command(environment, "workers", "--json")).stdout)
    assert [(one["id"], one["state"], one["slots"], one["runs"]) for one in workers] == [
        ("warms", "alive", 0, 0),
        ("works", "alive", 2, 1),
        ("older", "alive", 4, 0),
        ("died", "silent", 2, 0),
        ("never came back", "lost", 2, 0),
        ("left", "stopped", 2, 0),
    ]
    shown = (await command(environment, "workers")).stdout.splitlines()
    assert [line.split("│")[0].strip() for line in shown[2:]] == [
        *("warms", "works", "older", "died", "never came back", "left")
    ]
    assert "2 min" in shown[5]


@pytest.mark.parametrize("arguments", [("status",), ("queue",), ("status", "--watch")])
async def test_a_command_whose_reader_is_gone_ends_without_a_word(
    environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with anyio.fail_after(20):
        ended = await anyio.run_process(
            worker_command(*arguments),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")
