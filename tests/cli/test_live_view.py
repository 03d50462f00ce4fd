"""`dqx-worker status --watch` shows the queue, the workers and runs, on a terminal of any width."""

import os
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.worker_process import worker_command, worker_environment
from tests.queue.conftest import begin_tables
from tests.support.command import command
from tests.support.contracts import contract
from tests.support.forked_commands import ForkedProcess
from tests.support.options import queue_options
from tests.support.proxy import Proxy
from tests.support.terminal import ESCAPES, plain_lines, terminal, widest
from tests.support.waiting import until
from worker.database.pool import Database
from worker.queue.claim import claim
from worker.queue.first_seen import note_requests
from worker.queue.heartbeat import Heartbeat

pytestmark = pytest.mark.anyio

CONTRACT, BUSY, SILENT, WAITS, FAILED = (str(uuid4()) for _ in range(5))
MESSAGE = "Failed to profile 1 of 2 schemas: airlines: the contract has no schema 'airlines'"
LONG = "a_schema_whose_name_is_longer_than_its_column_表表表表表表表表表表"
WORKER = "a-host-with-quite-a-long-name-4711-0badcafe"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SHOW_CURSOR = "\x1b[?25h"
LOSES_BEATS = """
UPDATE leases
SET renewed_at = renewed_at - interval '10 s', expires_at = expires_at - interval '10 s'
WHERE run_id = $1
"""


@pytest.fixture
async def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    await backend.add_contract(contract(CONTRACT, orders="main.shop.orders"))
    return worker_environment(backend.worker, tmp_path)


async def lose_beats(database: Database, run_id: str) -> None:
    """Have the worker of a run be silent for most of the lease."""
    async with database.connection() as connection:
        await connection.execute(LOSES_BEATS, run_id)


@asynccontextmanager
async def a_busy_queue(backend: Backend, database: Database) -> AsyncIterator[None]:
    """Two workers with a run each, one of them silent; a request that waits, and a failed run."""
    working, silent = queue_options(worker="busy"), queue_options(worker=WORKER)
    async with (
        Heartbeat(database, working, "1.0", lambda: None).running(),
        Heartbeat(database, silent, "1.0", lambda: None).running(),
    ):
        await backend.request(CONTRACT, ["orders"], run_id=BUSY)
        (lease,) = await claim(database, working, 1)
        await begin_tables(lease, done="completed", orders="profiling", **{LONG: "sampling"})
        await backend.request(CONTRACT, ["orders"], run_id=SILENT)
        (lease,) = await claim(database, silent, 1)
        await begin_tables(lease, orders="writing")
        await lose_beats(database, SILENT)
        for run_id in (WAITS, FAILED):
            await backend.request(CONTRACT, ["orders"], run_id=run_id)
        async with backend.connection() as owner:
            await owner.execute(
                "UPDATE data_profiling_runs SET status = 'failed', error_message = $2"
                " WHERE id = $1",
                FAILED,
                MESSAGE,
            )
        await note_requests(database)
        yield


class Watching:
    """A command in a terminal, and what it has shown so far."""

    def __init__(self, process: subprocess.Popen[bytes], reading: int) -> None:
        self.process = process
        self.shown = ""
        self._reading = reading

    async def until_shown(self, words: str, *, after: int = 0) -> int:
        """Wait until `words` are shown behind a position; return the position after what was."""

        async def there() -> bool:
            self._read()
            return words in ESCAPES.sub("", self.shown[after:])

        await until(there, f"{words!r} on the terminal", seconds=20)
        return len(self.shown)

    async def interrupted(self) -> int:
        """Press Ctrl-C, wait for the end, and return the exit code."""
        self.process.send_signal(signal.SIGINT)

        async def ended() -> bool:
            self._read()
            return self.process.poll() is not None

        await until(ended, "the end of the command", seconds=20)
        self._read()
        return self.process.wait()

    def _read(self) -> None:
        os.set_blocking(self._reading, False)
        try:
            while part := os.read(self._reading, 65_536):
                self.shown += part.decode()
        # There is nothing to read now, or nothing any more.
        except OSError:
            pass


@contextmanager
def watching(
    environment: dict[str, str], columns: int, *arguments: str, rows: int = 30
) -> Iterator[Watching]:
    """Run `status --watch` in a terminal of this size."""
    with (
        terminal(columns, rows) as (reading, stream),
        subprocess.Popen(
            worker_command("status", "--watch", *arguments),
            env={"TERM": "xterm-256color", "LANG": "C.UTF-8"} | environment,
            stdin=stream,
            stdout=stream,
            stderr=stream,
        ) as process,
    ):
        try:
            yield Watching(process, reading)
        finally:
            process.kill()


@pytest.mark.parametrize("columns", [60, 80, 120])
async def test_a_view_has_bars_workers_and_rates_at_any_width(
    environment: dict[str, str], backend: Backend, database: Database, columns: int
) -> None:
    async with a_busy_queue(backend, database):
        with watching(environment, columns) as view:
            await view.until_shown("Failed to"[: columns - 55])
            assert await view.interrupted() == 128 + signal.SIGINT
    frame = "\n".join(plain_lines(view.shown))
    assert widest(view.shown) <= columns
    assert "queue    1 waiting" in frame
    assert "; 2 in work" in frame
    assert "0.0 runs a minute" in frame
    assert "workers  1 alive with 2 slots; 1 silent" in frame
    assert "alive, 1 of 2 slots: busy" in frame
    assert re.search(rf"silent for \d s, 1 of 2 slots: {WORKER[:18]}", frame)
    bars = [line for line in plain_lines(view.shown) if "━" in line]
    named = BUSY if columns == 120 else BUSY[:8]
    assert any(f"{named} of {CONTRACT[:8]}" in line and " 1/3 " in line for line in bars)
    assert any("  orders" in line and "profiling" in line for line in bars)
    assert any("  a_schema_whose_n" in line and "sampling" in line for line in bars)
    if columns > 60:
        assert re.search(rf"{SILENT[:8]}.* silent for 1\d s", frame)
    assert re.search(rf"{WAITS[:8]}.* pending .*place 1", frame)
    assert re.search(rf"{FAILED[:8]}.* failed ", frame)


async def test_a_pause_is_shown_with_who_and_why(
    environment: dict[str, str], database: Database
) -> None:
    paused = (await command(environment, "pause", "--by", "ann", "--reason", "an upgrade")).stdout
    assert paused.startswith("claiming is paused by ann")
    with watching(environment, 80) as view:
        await view.until_shown("s ago: an upgrade")
    assert "claiming is paused by ann" in "\n".join(plain_lines(view.shown))


async def test_no_color_leaves_no_colour_and_ctrl_c_restores_the_terminal(
    environment: dict[str, str], backend: Backend, database: Database
) -> None:
    async with a_busy_queue(backend, database):
        with watching(environment | {"NO_COLOR": "1"}, 80) as view:
            await view.until_shown(FAILED[:8])
            assert await view.interrupted() == 128 + signal.SIGINT
        with watching(environment, 80) as coloured:
            await coloured.until_shown(FAILED[:8])
    coloured_codes = {code for code in COLOURS.findall(view.shown) if re.search(r"[34]\d", code)}
    assert coloured_codes == set()
    assert COLOURS.search(coloured.shown)
    assert "Traceback" not in view.shown
    # The last command for the cursor shows it.
    assert re.findall(r"\x1b\[\?25[hl]", view.shown)[-1] == SHOW_CURSOR


async def test_a_low_terminal_gets_a_view_without_the_last_lines(
    environment: dict[str, str], backend: Backend, database: Database
) -> None:
    async with a_busy_queue(backend, database):
        with watching(environment, 80, rows=9) as view:
            await view.until_shown("and 4 more")
            assert await view.interrupted() == 128 + signal.SIGINT
    assert FAILED[:8] not in view.shown


async def test_if_only_requests_are_wanted_more_than_the_first_are_shown(
    environment: dict[str, str], backend: Backend, database: Database
) -> None:
    for number in range(8):
        await backend.request(CONTRACT, ["orders"], run_id=f"request-{number}")
    await note_requests(database)
    with watching(environment, 80, "--status", "pending", "--limit", "7") as view:
        await view.until_shown("place 7")
        assert await view.interrupted() == 128 + signal.SIGINT
    assert "workers  none is alive" in ESCAPES.sub("", view.shown)
    assert "place 8" not in view.shown


async def test_an_outage_is_shown_and_the_view_goes_on(
    environment: dict[str, str], backend: Backend, database: Database
) -> None:
    async with Proxy.running(backend.worker.port) as proxy:
        through = worker_environment(
            replace(backend.worker, port=proxy.port), Path(environment["DQX_WORKER_ROOTS"])
        )
        with watching(through, 80) as view:
            await view.until_shown("queue    0 waiting")
            target, proxy.target = proxy.target, 1
            proxy.cut()
            since = await view.until_shown("The database is unavailable")
            # What was read last stays, and nothing is logged between its lines.
            await view.until_shown("queue    0 waiting", after=since)
            assert "database.unavailable" not in view.shown
            await backend.request(CONTRACT, ["orders"], run_id=WAITS)
            proxy.target = target
            await view.until_shown("queue    1 waiting")
            assert await view.interrupted() == 128 + signal.SIGINT
    assert "The database" not in ESCAPES.sub("", view.shown).rpartition("queue    1 waiting")[2]


async def test_without_a_terminal_a_silent_worker_is_a_line_at_once(
    environment: dict[str, str], backend: Backend, database: Database, tmp_path: Path
) -> None:
    log = tmp_path / "followed"
    log.touch()
    options = queue_options(worker="w")
    await backend.request(CONTRACT, ["orders"], run_id="r")
    await claim(database, options, 1)
    process = ForkedProcess(
        ["status", "--watch"], environment, stdout=log, stderr=log.with_suffix(".errors")
    )

    async def printed(words: str) -> None:
        async def there() -> bool:
            return words in log.read_text()

        await until(there, f"the line {words!r}", seconds=20)

    try:
        await printed(f"run r of contract {CONTRACT}: running")
        await lose_beats(database, "r")
        await printed("running, its worker w is silent")
        shown = await command(environment, "status", "r")
        assert "attempt 1 by w, which has been silent for 1" in shown.stdout
        async with database.connection() as connection:
            await connection.execute(
                "UPDATE leases SET renewed_at = now(), expires_at = now() + interval '1 minute'"
            )

        async def renewed() -> bool:
            return log.read_text().endswith("running\n") and log.read_text().count("\n") > 2

        await until(renewed, "the third line", seconds=20)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
