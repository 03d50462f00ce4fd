"""`dqx-worker cancel` for several runs, as an operator types it."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.worker_process import worker_environment
from tests.queue.conftest import Insert, insert
from tests.support.command import run_command, run_on_terminal
from tests.support.options import queue_options
from worker.cli.cancel_many import cancel_selected
from worker.database.pool import Database
from worker.queue.claim import claim
from worker.runs.cancel_many import Selection
from worker.settings import load_settings

__all__ = ["insert"]

pytestmark = pytest.mark.anyio

REASON = ("--by", "ann", "--reason", "a mistake")


@pytest.fixture
async def environment(
    backend: Backend, database: Database, insert: Insert, tmp_path: Path
) -> dict[str, str]:
    """The environment of a command; three requests wait, and one is in work."""
    for age in range(4):
        await insert(f"r{age}", age=age)
    await claim(database, queue_options(worker="its worker"), 1)
    return worker_environment(backend.worker, tmp_path, DQX_WORKER_LEASE="3s")


async def ended(backend: Backend) -> set[str]:
    async with backend.connection() as owner:
        rows = await owner.fetch("SELECT id FROM data_profiling_runs WHERE status = 'failed'")
    return {row["id"] for row in rows}


async def test_runs_of_a_status_are_cancelled_and_counted(
    environment: dict[str, str], backend: Backend
) -> None:
    done = run_command(environment, "cancel", "--status", "pending", *REASON)
    assert (done.returncode, done.stdout) == (0, "3 of 3 runs (3 pending) are cancelled\n")
    assert await ended(backend) == {"r0", "r1", "r2"}
    again = run_command(environment, "cancel", "--status", "pending", *REASON, "--json")
    assert (again.returncode, json.loads(again.stdout)) == (
        0,
        {"named": 0, "cancelled": 0, "runs": [], "refused": [], "not_ended": []},
    )


async def test_what_is_in_work_is_left_to_its_worker(environment: dict[str, str]) -> None:
    done = run_command(environment, "cancel", "--contract", "c", "--no-wait", *REASON)
    assert (done.returncode, done.stdout) == (
        0,
        "4 of 4 runs (3 pending, 1 running) are cancelled\n",
    )


async def test_what_no_worker_ends_in_time_is_reported(
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    code = await cancel_selected(
        load_settings(os.environ),
        queue_options(lease=timedelta(milliseconds=100)),
        Selection(contract="c"),
        "Cancelled by ann: a mistake",
        ask=False,
        wait=True,
        as_json=True,
    )
    assert (code, json.loads(capsys.readouterr().out)) == (
        10,
        {
            "named": 4,
            "cancelled": 4,
            "runs": ["r3", "r2", "r1", "r0"],
            "refused": [],
            "not_ended": ["r3"],
        },
    )


async def test_on_a_terminal_it_asks_and_does_nothing_without_a_yes(
    environment: dict[str, str], backend: Backend
) -> None:
    selected = ("cancel", "--contract", "c", "--status", "pending", *REASON)
    for answer in ("n\n", "\n"):
        code, shown = run_on_terminal(environment, *selected, types=answer)
        assert (code, "Cancel 3 runs (3 pending)? [y/N]" in shown) == (0, True)
        assert "nothing was cancelled" in shown
        assert await ended(backend) == set()
    code, shown = run_on_terminal(environment, *selected, types="y\n")
    assert (code, "3 of 3 runs (3 pending) are cancelled" in shown) == (0, True)
    assert len(await ended(backend)) == 3


async def test_with_yes_it_does_not_ask(environment: dict[str, str], backend: Backend) -> None:
    code, shown = run_on_terminal(environment, "cancel", "--status", "pending", "--yes", *REASON)
    assert (code, "[y/N]" in shown) == (0, False)
    assert len(await ended(backend)) == 3


async def test_a_run_or_a_selection_is_named_and_not_both(environment: dict[str, str]) -> None:
    for arguments in ((), ("r1", "--status", "pending"), ("r1", "--contract", "c")):
        done = run_command(environment, "cancel", *arguments, *REASON)
        assert done.returncode == 2
        assert "name one run, or select runs with --contract and --status" in " ".join(
            done.stderr.replace("│", " ").split()
        )
