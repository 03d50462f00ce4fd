"""A signal ends a process at once, whatever it is at: also as PID 1, also while it imports."""

import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.forked_commands import ForkedProcess
from tests.support.stand_in_workers import STAND_IN, StandInSite
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
SIGNALS = [signal.SIGTERM, signal.SIGINT]
# An import that takes longer than any test, as one on a busy machine seems to.
_SLOW = """
import pathlib, time
pathlib.Path({begun!r}).touch()
time.sleep(600)
"""


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    return await StandInSite.made(server, tmp_path_factory.mktemp("signals"), "early_signals")


@pytest.fixture
def importing(tmp_path: Path) -> dict[str, str]:
    """An environment in which the first import of the command line does not end."""
    (tmp_path / "typer.py").write_text(_SLOW.format(begun=str(tmp_path / "begun")))
    return os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}


def console_script() -> list[str]:
    """The command that an installation makes of what pyproject.toml names."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, function = scripts["dqx-worker"].split(":")
    return [sys.executable, "-c", f"from {module} import {function}; {function}()"]


def as_pid_1(command: list[str]) -> list[str]:
    unshare = ["unshare", "--pid", "--fork", "--kill-child"]
    if os.getuid():
        unshare += ["--user", "--map-root-user"]
    if not shutil.which("unshare") or subprocess.run([*unshare, "true"], check=False).returncode:
        pytest.skip("this machine makes no namespaces of processes")
    return [*unshare, *command]


def child_of(process: subprocess.Popen[str]) -> int:
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def until_there(path: Path) -> None:
    async def there() -> bool:
        return await anyio.Path(path).exists()

    await until(there, f"{path.name} is there", seconds=10)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", [console_script(), [sys.executable, "-m", "worker"]])
async def test_as_pid_1_a_signal_is_obeyed_before_the_imports_are_done(
    importing: dict[str, str], tmp_path: Path, command: list[str], number: signal.Signals
) -> None:
    with running(as_pid_1([*command, "run"]), importing) as process:
        await until_there(tmp_path / "begun")
        os.kill(child_of(process), number)
        assert process.wait(2) == 128 + number
        assert process.stdout is not None
        assert process.stdout.read() == ""


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", ["migrate", "run"])
async def test_a_command_that_waits_for_the_database_ends_at_a_signal(
    site: StandInSite, tmp_path: Path, command: str, number: signal.Signals
) -> None:
    log = tmp_path / "log"
    async with site.as_worker() as connection, site.as_worker() as watching:
        lock = connection.transaction()
        await lock.start()
        await connection.execute("LOCK TABLE migrations IN ACCESS EXCLUSIVE MODE")

        async def waits() -> bool:
            return bool(
                await watching.fetchval(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                    " AND application_name = 'dqx-worker' AND datname = current_database())"
                )
            )

        process = ForkedProcess([command], site.environment, stdout=log, module=STAND_IN)
        try:
            await until(waits, "it waits for the lock", seconds=10)
            process.send_signal(number)
            assert process.wait(2) == 128 + number
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        await lock.rollback()
    assert "Traceback" not in log.read_text()


async def test_a_view_that_is_followed_ends_at_a_signal_and_restores_the_terminal(
    site: StandInSite, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    process = ForkedProcess(
        ["status", "--watch"], site.environment | {"FORCE_COLOR": "1"}, stdout=log
    )
    try:

        async def shown() -> bool:
            return log.exists() and "\x1b[?25l" in log.read_text()

        await until(shown, "the view is there, and the cursor is not", seconds=10)
        process.send_signal(signal.SIGINT)
        assert process.wait(2) == 128 + signal.SIGINT
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    text = log.read_text()
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "Traceback" not in text
    assert "Aborted" not in text


# A command, or a start, that no cancellation reaches.
_DEAF = """
import anyio
from pathlib import Path
from worker.cli.early_signals import end_at_signals
from worker.cli.event_loop import run_to_end

async def deaf():
    with anyio.CancelScope(shield=True):
        Path({begun!r}).touch()
        await anyio.sleep_forever()

end_at_signals()
run_to_end(deaf)
"""


@pytest.mark.parametrize("twice", [False, True])
async def test_a_command_that_does_not_break_off_ends_after_a_second_or_at_a_second_signal(
    tmp_path: Path, twice: bool
) -> None:
    begun = tmp_path / "begun"
    command = [sys.executable, "-c", _DEAF.format(begun=str(begun))]
    with running(command, os.environ | {"PYTHONPATH": str(ROOT)}) as process:
        await until_there(begun)
        process.send_signal(signal.SIGTERM)
        if twice:
            # Python handles signals that come together in the order of their numbers.
            process.send_signal(signal.SIGINT)
            assert process.wait(0.9) in (128 + signal.SIGINT, 128 + signal.SIGTERM)
        else:
            assert process.wait(3) == 128 + signal.SIGTERM


async def test_a_worker_whose_start_does_not_break_off_ends_after_a_second(
    site: StandInSite, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    process = ForkedProcess(
        ["run"], site.environment, stdout=log, module="tests.process.deaf_start"
    )
    try:

        async def starts() -> bool:
            return log.exists() and "the start begins" in log.read_text()

        await until(starts, "Spark starts", seconds=10)
        process.send_signal(signal.SIGTERM)
        code = await anyio.to_thread.run_sync(process.wait, 4)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert code == 128 + signal.SIGTERM
    assert "Traceback" not in log.read_text()
