"""A signal while Spark starts ends the process at once, and the JVM with it."""

import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.contracts import contract
from tests.support.forked_commands import ForkedProcess
from tests.support.jobs import arguments
from tests.support.runs import events, names, row
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until
from worker.spark.find_java import java_home

pytestmark = pytest.mark.anyio

# A JVM that never listens, and that outlives its input.
_SLOW_JAVA = """#!/bin/sh
case "$*" in
    *deploy.SparkSubmit*) echo $$ >'{starting}'; while :; do sleep 1; done ;;
    *) exec '{real}' "$@" ;;
esac
"""


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    # Spark may start for longer than a grace period lasts: neither is waited for.
    folder = tmp_path_factory.mktemp("starts")
    return await StandInSite.made(server, folder, "starts", DQX_WORKER_GRACE="60s")


@pytest.fixture
def slow_java(tmp_path: Path) -> Path:
    """A JAVA_HOME whose JVM writes its process id to the file `starting`, and nothing else."""
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    real = java_home(tmp_path / "wheel") / "bin" / "java"
    java.write_text(_SLOW_JAVA.format(real=real, starting=tmp_path / "starting"))
    java.chmod(0o755)
    return tmp_path


@asynccontextmanager
async def starting(
    site: StandInSite, slow_java: Path, log: Path, *words: str
) -> AsyncIterator[ForkedProcess]:
    """Run a command until Spark starts, then the block; its JVM must be gone at the end."""
    pid = slow_java / "starting"

    async def spark_starts() -> bool:
        return pid.exists() and pid.read_text() != ""

    environment = site.environment | {"JAVA_HOME": str(slow_java)}
    process = ForkedProcess(words, environment, stdout=log)
    try:
        await until(spark_starts, "Spark starts", seconds=20)
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    jvm = pid.read_text().strip()

    async def gone() -> bool:
        return _is_gone(jvm)

    await until(gone, "the JVM is gone", seconds=2)


def _is_gone(process: str) -> bool:
    line = Path("/proc", process, "cmdline")
    # Of one that has ended and was not waited for, the line is empty.
    return not line.exists() or not line.read_bytes()


async def stopped(process: ForkedProcess) -> float:
    """Send SIGTERM, wait for the end with its code, and return the seconds that this took."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert await anyio.to_thread.run_sync(process.wait, 10) == 128 + signal.SIGTERM
    return time.monotonic() - began


async def test_a_worker_that_is_asked_to_stop_while_spark_starts_ends_at_once(
    site: StandInSite, slow_java: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    async with starting(site, slow_java, log, "run") as process:
        assert await stopped(process) < 2
    assert names(events(log))[-2:] == ["worker.draining", "worker.stopped"]
    async with site.as_worker() as connection:
        assert await connection.fetchval("SELECT count(*) FROM leases") == 0


async def test_a_job_that_is_asked_to_stop_while_spark_starts_ends_its_run_first(
    site: StandInSite, slow_java: Path, tmp_path: Path
) -> None:
    await site.backend.add_contract(contract("c", t="main.shop.orders"))
    run = await site.backend.request("c", ["t"])
    words = ["job", *arguments(run, "c", ["t"])]
    log = tmp_path / "log"
    async with starting(site, slow_java, log, *words) as process:

        async def claimed() -> bool:
            return bool(await site.attempts(run))

        await until(claimed, "it has claimed its run", seconds=10)
        assert await stopped(process) < 2
    printed = log.read_text()
    assert "finish            failed: " in printed
    assert "the job was stopped before it had ended" in printed
    assert "Spark             Spark " not in printed
    assert (await row(site.backend, run))["status"] == "failed"
