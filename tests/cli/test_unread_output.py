"""A worker or a job whose output is a pipe that nobody reads works on, and ends in time."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.forked_commands import ForkedProcess
from tests.support.jobs import arguments
from tests.support.runs import ended, row
from tests.support.stand_in_workers import STAND_IN, StandInSite
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

PIPE = 4096
GRACE = 6.0


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    return await StandInSite.made(server, tmp_path_factory.mktemp("unread"), "unread")


@pytest.fixture
def unread(tmp_path: Path) -> Iterator[Path]:
    """A pipe that takes 4 kB, is held open, and is not read."""
    path = tmp_path / "unread"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, PIPE)
    yield path
    os.close(reading)


@contextmanager
def running(process: ForkedProcess) -> Iterator[ForkedProcess]:
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("signals", [1, 2])
async def test_a_worker_works_and_ends_though_nobody_reads_its_log(
    site: StandInSite, unread: Path, tmp_path: Path, signals: int
) -> None:
    environment = site.environment | {"DQX_WORKER_LOG_LEVEL": "debug"}
    nowhere = tmp_path / "stdout"
    worker = ForkedProcess(["run"], environment, stdout=nowhere, stderr=unread, module=STAND_IN)
    with running(worker):
        # Each logs a kilobyte at least: more than the pipe takes.
        run_ids = [await site.request(t="stand_in.1.1") for _ in range(10)]
        done = await ended(site.backend, *run_ids, seconds=20)
        assert {one["status"] for one in done} == {"completed"}
        began = time.monotonic()
        for _ in range(signals):
            worker.send_signal(signal.SIGTERM)
        assert worker.wait(GRACE) == 128 + signal.SIGTERM
        assert time.monotonic() - began < GRACE


async def test_a_job_works_and_ends_though_nobody_reads_what_it_prints(
    site: StandInSite, unread: Path, tmp_path: Path
) -> None:
    run_id = await site.request(t="stand_in.1.1")
    contract = (await row(site.backend, run_id))["contract_id"]
    job = ForkedProcess(
        # Parameters of the runner's own are reported one by one.
        ["job", *arguments(run_id, contract), *(f"--{'x' * 100}{n}" for n in range(100))],
        site.environment,
        stdout=unread,
        stderr=tmp_path / "stderr",
        module=STAND_IN,
    )
    with running(job):
        assert job.wait(20) == ExitCode.SUCCESS
    assert (await row(site.backend, run_id))["status"] == "completed"
