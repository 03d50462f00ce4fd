"""The probes, asked over real sockets, by those who behave and by those who don't."""

import functools
import logging
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import SocketStream

from tests.support.probes import HOST, ask, until_cut
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode, exit_code_of, innermost
from worker.concurrency.side_loop import Home, side_loop
from worker.probes import loop_watch
from worker.probes.errors import ProbesUnavailable
from worker.probes.health import Health
from worker.probes.options import ProbeOptions
from worker.probes.serve import serve_probes

pytestmark = pytest.mark.anyio

NEEDED = ["database", "schema", "session", "leases", "claiming"]
QUICKLY = 1.0
"""Seconds."""
AT_LAST = 5.0
"""Seconds for an end that takes at most one on a quiet machine."""
GET = b"GET /readyz HTTP/1.1\r\nhost: worker\r\n\r\n"


def options(port: int = 0, *, host: str = HOST, required: bool = True) -> ProbeOptions:
    return ProbeOptions(host=host, port=port, required=required)


@asynccontextmanager
async def serving(health: Health, reported: ProbeOptions | None = None) -> AsyncIterator[int]:
    async with anyio.create_task_group() as tasks:
        port = await tasks.start(serve_probes, reported or options(), health)
        yield port
        tasks.cancel_scope.cancel()


def all_well(health: Health) -> None:
    for part in (health.database, health.schema, health.session, health.leases, health.claiming):
        part.well()


async def test_readyz_lists_every_part_and_turns_ok_when_the_last_one_does() -> None:
    health = Health()
    async with serving(health) as port:
        first = await ask(port)
        assert (first.status, first.json()["status"]) == (503, "unavailable")
        parts = first.json()["parts"]
        assert list(parts) == [*NEEDED, "loop"]
        assert {parts[name]["reason"] for name in NEEDED} == {"not yet"}

        all_well(health)
        health.database.unwell("Could not connect to Postgres at db:5432")
        second = await ask(port)
        assert second.status == 503
        parts = second.json()["parts"]
        assert [name for name, part in parts.items() if not part["ok"]] == ["database"]
        assert parts["database"]["reason"] == "Could not connect to Postgres at db:5432"
        assert "reason" not in parts["session"]

        health.database.well()
        third = await ask(port)
        assert (third.status, third.json()["status"]) == (200, "ok")
        assert all(part["ok"] for part in third.json()["parts"].values())


async def test_a_note_is_reported_and_leaves_its_part_well() -> None:
    health = Health()
    all_well(health)
    health.session.note("DQX 0.99.0 differs: dapi0123456789abcdef01 " + "x" * 1000)
    async with serving(health) as port:
        ready = await ask(port)
    assert (ready.status, ready.json()["status"]) == (200, "ok")
    session = ready.json()["parts"]["session"]
    assert session["ok"]
    assert session["note"].startswith("DQX 0.99.0 differs: **** x")

    assert len(session["note"]) == 500
    assert "note" not in ready.json()["parts"]["database"]


async def test_since_when_counts_from_the_change_and_not_from_the_latest_word() -> None:
    health = Health()
    health.database.well()
    before, began = datetime.now(UTC), time.monotonic()
    health.database.unwell("no route")
    after = datetime.now(UTC)
    async with serving(health) as port:

        async def a_while_has_passed() -> bool:
            health.database.unwell("no answer")
            reported.append((await ask(port)).json()["parts"]["database"])
            return bool(reported[-1]["for_s"] >= 0.2)

        reported: list[dict[str, Any]] = []
        await until(a_while_has_passed, "the age grows")
        assert {one["since"] for one in reported} == {reported[0]["since"]}
        since = datetime.fromisoformat(reported[0]["since"])
        assert before.replace(microsecond=before.microsecond // 1000 * 1000) <= since <= after
        assert reported[0]["since"].endswith("Z")
        assert reported[-1]["for_s"] <= time.monotonic() - began + 0.05
        assert reported[-1]["reason"] == "no answer"

        health.database.well()
        well = (await ask(port)).json()["parts"]["database"]
        assert datetime.fromisoformat(well["since"]) > since
        assert well["for_s"] < 0.2


async def test_livez_is_ok_from_the_start_and_only_a_stuck_thread_changes_that() -> None:
    health = Health()
    async with serving(health) as port:
        alive = await ask(port, "/livez")
        assert (alive.status, list(alive.json()["parts"])) == (200, ["loop", "threads"])

        health.threads.unwell("2 threads run for longer than 600 s")
        stuck = await ask(port, "/livez")
        assert stuck.status == 503
        assert stuck.json()["parts"]["threads"]["reason"] == "2 threads run for longer than 600 s"


async def test_probes_answer_while_the_main_loop_is_busy_and_fail_if_it_stays_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second client asks: this one stands still with the main loop."""
    monkeypatch.setattr(loop_watch, "_INTERVAL", 0.01)
    monkeypatch.setattr(loop_watch, "_SLOW_AFTER", 0.2)
    monkeypatch.setattr(loop_watch, "_STUCK_AFTER", 1.0)
    health = Health()
    all_well(health)
    begun, seen_enough = threading.Event(), threading.Event()
    answers: list[tuple[int, int]] = []

    async def look(port: int) -> None:
        with anyio.fail_after(QUICKLY):
            answers.append(((await ask(port)).status, (await ask(port, "/livez")).status))

    async def ask_until_stuck(port: int, _home: Home) -> None:
        begun.set()
        try:
            with anyio.fail_after(10 * QUICKLY):
                while not answers or answers[-1] != (503, 503):
                    await look(port)
        finally:
            seen_enough.set()

    async with serving(health) as port, side_loop("client") as client:
        capsys.readouterr()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.run, functools.partial(ask_until_stuck, port))
            while not begun.is_set():
                await anyio.lowlevel.checkpoint()
            # The main loop stands still.
            seen_enough.wait()
        # Ready no more at first, and alive for a while longer.
        assert [answer for answer, _ in groupby(answers)][-2:] == [(503, 200), (503, 503)]
        assert "loop.stuck" in "".join(capsys.readouterr())
        assert (health.loop_lag.seconds or 0) >= 1.0

        async def well_again() -> bool:
            await look(port)
            return answers[-1] == (200, 200)

        await until(well_again, "the loop answers")


async def test_a_reason_shows_no_secret_and_is_never_long() -> None:
    health = Health()
    health.database.unwell("postgresql://worker:hunter2@db: \udcff" + "no " * 10_000)
    async with serving(health) as port:
        reason = (await ask(port)).json()["parts"]["database"]["reason"]
    assert reason.startswith("postgresql://worker:****@db: \udcffno no")
    assert len(reason) == 500


async def test_head_is_get_without_the_body() -> None:
    health = Health()
    all_well(health)
    async with serving(health) as port:
        head, get = await ask(port, method="HEAD"), await ask(port)
    assert (head.status, head.body) == (200, b"")
    assert head.headers.keys() == get.headers.keys()
    assert int(get.headers["content-length"]) == len(get.body)
    assert "server" not in get.headers


async def test_other_methods_are_refused_without_waiting_for_their_body() -> None:
    async with serving(Health()) as port:
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            with anyio.fail_after(QUICKLY):
                answer = await ask(port, method=method, more=b"content-length: 1000000000\r\n")
            assert (answer.status, answer.headers["allow"]) == (405, "get, head")


async def test_nothing_else_is_served() -> None:
    async with serving(Health()) as port:
        for path in ("/", "/metrics/", "/readyz/", "/livez/readyz", "/%2e%2e/etc/passwd", "*"):
            assert (await ask(port, path)).status == 404


SLOW = {
    "says nothing": (b"", b""),
    "half a request": (GET[:20], b""),
    "a byte at a time": (b"", GET[:14] + b"x" * 1000),
    "headers without end": (GET[:-2], b"x: y\r\n" * 1000),
    "a body without end": (
        b"POST /readyz HTTP/1.1\r\nhost: worker\r\ncontent-length: 1000000\r\n\r\n",
        b"x" * 1000,
    ),
}


async def test_slow_clients_are_cut_within_seconds() -> None:
    lasted: dict[str, float] = {}

    async def be_slow(port: int, what: str) -> None:
        began = time.monotonic()
        at_once, drop_by_drop = SLOW[what]
        async with await anyio.connect_tcp(HOST, port) as client, anyio.create_task_group() as both:
            both.start_soon(drip, client, at_once, drop_by_drop)
            await until_cut(client)
            both.cancel_scope.cancel()
        lasted[what] = time.monotonic() - began

    async with serving(Health()) as port:
        with anyio.move_on_after(6):
            async with anyio.create_task_group() as slow:
                for what in SLOW:
                    slow.start_soon(be_slow, port, what)
    assert set(lasted) == set(SLOW)


async def drip(client: SocketStream, at_once: bytes, drop_by_drop: bytes) -> None:
    """Send slowly: a timer that each byte starts anew would never end."""
    try:
        if at_once:
            await client.send(at_once)
        for byte in drop_by_drop:
            await client.send(bytes([byte]))
            await anyio.sleep(0.02)
    except anyio.BrokenResourceError:
        return


GARBAGE = {
    "no HTTP": b"\x00\xff\x16\x03\x01\x80" * 100 + b"\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + b"\x00" * 200 + b"\r\n\r\n",
    "huge headers": b"GET /readyz HTTP/1.1\r\nx: " + b"y" * 1_000_000,
    "a huge path": b"GET /" + b"y" * 1_000_000,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 100,
    "no host": b"GET /readyz HTTP/1.1\r\n\r\n",
    "two lengths": GET[:-2] + b"content-length: 1\r\ncontent-length: 2\r\n\r\n",
    "a wrong chunk": b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
    "WebSocket": GET[:-2] + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n",
    "requests without end": GET * 10_000,
    "nothing but line ends": b"\r\n" * 100_000,
}


async def test_garbage_is_answered_or_cut_at_once_and_not_even_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    async with serving(Health()) as port:
        for what, sent in GARBAGE.items():
            with anyio.fail_after(QUICKLY):
                async with await anyio.connect_tcp(HOST, port) as client:
                    with suppress(anyio.BrokenResourceError):
                        await client.send(sent)
                    # One answer at most, whatever was asked.
                    assert (await until_cut(client)).count(b"HTTP/1.1 ") <= 1, what
                assert (await ask(port, "/livez")).status == 200, what
    assert [record.getMessage() for record in caplog.records] == []


async def test_a_client_that_never_reads_keeps_nobody_waiting() -> None:
    async with serving(Health()) as port, AsyncExitStack() as open_until_the_end:
        for _ in range(300):
            client = await open_until_the_end.enter_async_context(
                await anyio.connect_tcp(HOST, port)
            )
            await client.send(GET * 10)
        with anyio.fail_after(QUICKLY):
            assert (await ask(port)).status == 503


async def test_silent_clients_by_the_hundred_keep_no_probe_waiting() -> None:
    async with serving(Health()) as port, AsyncExitStack() as open_until_the_end:
        silent = [
            await open_until_the_end.enter_async_context(await anyio.connect_tcp(HOST, port))
            for _ in range(300)
        ]
        with anyio.fail_after(QUICKLY):
            assert (await ask(port)).status == 503
            # The oldest had to go; the process keeps file descriptors for other things.
            await until_cut(silent[0])
        with pytest.raises(TimeoutError), anyio.fail_after(0.1):
            await until_cut(silent[-1])


async def test_clients_that_hang_do_not_hold_up_the_end() -> None:
    health = Health()
    async with AsyncExitStack() as open_until_the_end:
        async with serving(health) as port:
            hung = []
            half_a_body = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx"
            for sent in (GET[:20], half_a_body, *[b""] * 100):
                client = await open_until_the_end.enter_async_context(
                    await anyio.connect_tcp(HOST, port)
                )
                if sent:
                    await client.send(sent)
                hung.append(client)
            # By now the server knows all of them.
            assert (await ask(port)).status == 503
            began = time.monotonic()
        assert time.monotonic() - began < AT_LAST
        with anyio.fail_after(QUICKLY):
            for client in hung:
                await until_cut(client)
        async with serving(health, options(port)) as again:
            assert again == port
            assert (await ask(port)).status == 503


async def test_clients_that_keep_coming_do_not_hold_up_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    came: deque[socket.socket] = deque()

    async def keep_coming(port: int) -> None:
        while True:
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex((HOST, port))
            came.append(client)
            if len(came) > 600:
                came.popleft().close()
            await anyio.lowlevel.checkpoint()

    async def crowded() -> bool:
        return len(came) >= 600

    try:
        async with anyio.create_task_group() as outside:
            async with serving(Health()) as port:
                assert (await ask(port)).status == 503
                outside.start_soon(keep_coming, port)
                await until(crowded, "600 clients have come", seconds=10)
                began = time.monotonic()
            assert time.monotonic() - began < AT_LAST
            outside.cancel_scope.cancel()
    finally:
        for client in came:
            client.close()
    assert [record.getMessage() for record in caplog.records] == []


async def test_signals_stay_the_workers() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    async with serving(Health()) as port:
        assert (await ask(port)).status == 503
        during = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    assert during == before


async def test_a_taken_port_that_was_set_keeps_a_worker_from_starting() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ExceptionGroup) as caught:
            async with serving(Health(), options(port)):
                pass
    error = innermost(caught.value)
    assert isinstance(error, ProbesUnavailable)
    assert exit_code_of(error) is ExitCode.CONFIGURATION
    assert str(error) == f"The probes can't be served at {HOST}:{port}: Address already in use"


async def test_a_default_port_that_is_taken_is_reported_and_done_without(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        reported = options(taken.getsockname()[1], required=False)
        async with anyio.create_task_group() as tasks:
            assert await tasks.start(serve_probes, reported, Health()) is None
    (line,) = "".join(capsys.readouterr()).splitlines()
    assert "warning" in line
    assert "probes.unavailable" in line
    assert "Address already in use" in line


async def test_a_host_that_is_none_is_reported_like_a_port_that_is_taken() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with serving(Health(), options(host="no-such-host.invalid")):
            pass
    assert isinstance(innermost(caught.value), ProbesUnavailable)
