"""`dqx-worker status` at 80 columns, its selections, and what it prints while it follows a run."""

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import anyio
import anyio.to_thread
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.worker_process import worker_command, worker_environment
from tests.support.command import command
from tests.support.contracts import contract
from tests.support.forked_commands import ForkedProcess
from tests.support.long_form import some
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

CONTRACT = str(uuid4())
END = "UPDATE data_profiling_runs SET status = $2, error_message = $3 WHERE id = $1"
MESSAGE = "Failed to profile 1 of 2 schemas: airlines: the contract has no schema 'airlines'"


@pytest.fixture
async def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    await backend.add_contract(contract(CONTRACT, orders="main.shop.orders"))
    await backend.add_contract(contract("other", orders="main.shop.orders"))
    return worker_environment(backend.worker, tmp_path)


async def set_status(
    backend: Backend, run_id: str, status: str, message: str | None = None
) -> None:
    async with backend.connection() as owner:
        await owner.execute(END, run_id, status, message)


def shown_at(columns: int, environment: dict[str, str], *arguments: str) -> str:
    """Return what the command shows on a terminal of this width, without colours."""
    reading, writing = pty.openpty()
    with subprocess.Popen(
        worker_command(*arguments),
        env=environment | {"TERM": "xterm", "COLUMNS": str(columns), "NO_COLOR": "1"},
        stdin=writing,
        stdout=writing,
        stderr=writing,
    ) as process:
        os.close(writing)
        text = bytearray()
        try:
            while part := os.read(reading, 65_536):
                text += part
        # Linux reports the end of a terminal's last writer as an error.
        except OSError:
            pass
        os.close(reading)
        assert process.wait(60) == 0
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text.decode()).replace("\r", "")


async def test_80_columns_have_a_line_for_each_run_with_its_whole_status(
    environment: dict[str, str], backend: Backend
) -> None:
    named = "nightly-orders-of-the-northern-warehouses-2026-11-28"
    statuses = {str(uuid4()): "completed", str(uuid4()): "cancelled", named: "failed"}
    for run_id, status in statuses.items():
        await backend.request(CONTRACT, ["orders"], run_id=run_id)
        await set_status(backend, run_id, status, MESSAGE if status == "failed" else None)
    text = await anyio.to_thread.run_sync(shown_at, 80, environment, "status")
    # The first lines are about the queue.
    head, _, *runs = text.splitlines()[3:]
    columns = [cell.strip() for cell in head.split("┃")]
    assert columns == ["run", "contract", "status", "tables", "elapsed", "error"]
    assert max(map(len, text.splitlines())) <= 80
    cells = [[cell.strip() for cell in line.split("│")] for line in runs]
    by_status = {status: (run, of_contract) for run, of_contract, status, *_ in cells}
    assert by_status.keys() == set(statuses.values())
    for run_id, status in statuses.items():
        run, of_contract = by_status[status]
        assert of_contract == CONTRACT[:8]
        assert run == run_id[:8] if run_id != named else run.startswith("nightly")

    wide = await anyio.to_thread.run_sync(shown_at, 160, environment, "status")
    assert all(run_id in wide for run_id in (*statuses, CONTRACT))
    piped = (await command(environment, "status")).stdout
    assert all(run_id in piped for run_id in statuses)


async def test_runs_are_selected_by_status_contract_and_number(
    environment: dict[str, str], backend: Backend
) -> None:
    async def listed(*arguments: str) -> list[str]:
        done = await command(environment, "status", "--json", *arguments)
        assert done.returncode == 0, done.stderr
        return sorted(run["id"] for run in json.loads(done.stdout))

    for run_id, of_contract in (("a", CONTRACT), ("b", CONTRACT), ("c", "other")):
        await backend.request(of_contract, ["orders"], run_id=run_id)
    await set_status(backend, "a", "failed")
    assert await listed() == ["a", "b", "c"]
    assert await listed("--status", "pending") == ["b", "c"]
    assert await listed("--contract", CONTRACT) == ["a", "b"]
    assert await listed("--contract", CONTRACT, "--status", "failed") == ["a"]
    assert await listed("--limit", "1") == ["c"]
    for wrong in (("--status", "done"), ("--limit", "0"), ("a", "--limit", "1")):
        refused = await command(environment, "status", *wrong)
        assert refused.returncode == ExitCode.USAGE


@contextmanager
def following(environment: dict[str, str], *arguments: str) -> Iterator[tuple[ForkedProcess, Path]]:
    log = Path(environment["DQX_WORKER_ROOTS"]) / "followed"
    log.touch()
    process = ForkedProcess(
        ["status", *arguments], environment, stdout=log, stderr=log.with_suffix(".errors")
    )
    try:
        yield process, log
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


async def wait_for_line(log: Path, words: str) -> None:
    async def printed() -> bool:
        return words in await anyio.Path(log).read_text()

    await until(printed, f"the line {words!r}", seconds=20)


@pytest.mark.parametrize(
    ("status", "code"),
    some(
        [
            ("failed", ExitCode.RUN_FAILED),
            ("completed", ExitCode.SUCCESS),
            ("cancelled", ExitCode.RUN_CANCELLED),
        ],
        3,
    ),
)
async def test_without_a_terminal_a_change_is_a_line_and_the_end_is_the_exit_code(
    environment: dict[str, str], backend: Backend, status: str, code: ExitCode
) -> None:
    await backend.request("other", ["orders"], run_id="r")
    with following(environment, "r", "--watch") as (process, log):
        await wait_for_line(log, "pending")
        await set_status(backend, "r", "running")
        await wait_for_line(log, "running")
        await set_status(backend, "r", status, MESSAGE)
        ended = await anyio.to_thread.run_sync(process.wait, 20)
    assert ended == code
    lines = [line.split("s  ")[1] for line in log.read_text().splitlines()]
    assert lines == ["pending", "running", f"{status}: {MESSAGE}"]


async def test_for_programs_it_is_one_line_at_the_end(
    environment: dict[str, str], backend: Backend
) -> None:
    await backend.request("other", ["orders"], run_id="r")
    await set_status(backend, "r", "failed", MESSAGE)
    with following(environment, "r", "--watch", "--json") as (process, log):
        ended = await anyio.to_thread.run_sync(process.wait, 20)
    assert ended == ExitCode.RUN_FAILED
    assert json.loads(log.read_text())["error_message"] == MESSAGE


async def test_a_run_that_is_deleted_while_it_is_followed_is_reported(
    environment: dict[str, str], backend: Backend
) -> None:
    await backend.request("other", ["orders"], run_id="r")
    with following(environment, "r", "--watch") as (process, log):
        await wait_for_line(log, "pending")
        async with backend.connection() as owner:
            await owner.execute("DELETE FROM data_profiling_runs")
        ended = await anyio.to_thread.run_sync(process.wait, 20)
    assert ended == ExitCode.RUN_CANCELLED
    errors = log.with_suffix(".errors").read_text()
    assert errors == "dqx-worker: Run r was deleted before it ended\n"


async def test_without_a_terminal_the_newest_runs_are_lines_too(
    environment: dict[str, str], backend: Backend
) -> None:
    await backend.request("other", ["orders"], run_id="r")
    with following(environment, "--watch") as (_, log):
        await wait_for_line(log, "run r of contract other: pending")
        await backend.request("other", ["orders"], run_id="second")
        await wait_for_line(log, "run second of contract other: pending")
        await set_status(backend, "r", "completed")
        await wait_for_line(log, "run r of contract other: completed")
    assert len(log.read_text().splitlines()) == 3
