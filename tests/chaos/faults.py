"""Carries out what a schedule says, and lifts it again."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import anyio
import anyio.to_thread
import asyncpg
from anyio.abc import TaskGroup

from deploy.sandbox.postgres import PostgresError
from deploy.sandbox.workspace.faults import Fault, FaultKind
from tests.chaos.backend_side import BackendSide
from tests.chaos.fleet import Fleet
from tests.chaos.schedule import Event, Kind
from tests.chaos.site import Site
from tests.support.proxy import Traffic

__all__ = ["Faults"]

_START_DEADLINE = 60.0
_TRAFFIC = {
    Kind.DELAY: Traffic.DELAY,
    Kind.FAR: Traffic.DELAY,
    Kind.HOLD: Traffic.HOLD,
    Kind.DROP: Traffic.DROP,
    Kind.REFUSE: Traffic.REFUSE,
}
# A worker's name ends in its process id and eight random digits.
_KILLED = """
INSERT INTO chaos.kills (worker, run_id, attempt)
SELECT worker, run_id, attempt FROM dqx_worker.leases WHERE worker ~ ('-' || $1 || '-[0-9a-f]{8}$')
RETURNING 1
"""
_BACKENDS = """
SELECT pid FROM pg_stat_activity WHERE usename = $1 AND backend_type = 'client backend'
"""
_TERMINATE = """
SELECT count(*) FROM (
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE usename = $1 AND backend_type = 'client backend') ended
"""
# The backend's own rule refuses the end of every third run.
_RAISE = """
CREATE OR REPLACE FUNCTION chaos.refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
CREATE OR REPLACE TRIGGER chaos_refuse BEFORE UPDATE OF status ON public.data_profiling_runs
    FOR EACH ROW WHEN (NEW.status IN ('completed', 'failed') AND hashtext(NEW.id) % 3 = 0)
    EXECUTE FUNCTION chaos.refuse();
"""
_NO_LONGER_RAISE = "DROP TRIGGER IF EXISTS chaos_refuse ON public.data_profiling_runs"
_SHORTEN = """
ALTER TABLE public.data_profiling_runs ALTER COLUMN error_message TYPE varchar(120)
    USING left(error_message, 120);
ALTER TABLE public.suggested_quality_checks ALTER COLUMN rationale TYPE varchar(20)
    USING left(rationale, 20)
"""
_LENGTHEN = """
ALTER TABLE public.data_profiling_runs ALTER COLUMN error_message TYPE text;
ALTER TABLE public.suggested_quality_checks ALTER COLUMN rationale TYPE text
"""
_CHANGES = {Kind.RAISE: (_RAISE, _NO_LONGER_RAISE), Kind.SHORTEN: (_SHORTEN, _LENGTHEN)}
_OUTAGE = "INSERT INTO chaos.outages (began_at, ended_at) VALUES ($1, $2)"

_FAILURES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class Faults:
    """Does what each event says. What lasts is lifted by a task of `tasks`."""

    def __init__(
        self,
        site: Site,
        fleet: Fleet,
        backend_side: BackendSide,
        tasks: TaskGroup,
        tell: Callable[[str], None],
    ) -> None:
        self._site = site
        self._fleet = fleet
        self._backend_side = backend_side
        self._tasks = tasks
        self._tell = tell
        self._frozen: set[int] = set()
        self.done: Counter[Kind] = Counter()

    def begin(self, event: Event) -> None:
        """Let an event happen; whatever it waits for, the next one does not."""
        self._tasks.start_soon(self._happen, event)

    async def lift(self) -> None:
        """End whatever still lasts."""
        self._thaw(set(self._frozen))
        self._fleet.resume()
        for post in self._site.posts:
            post.proxy.treat(Traffic.FLOW)
        self._site.workspace.faults.clear()
        await self._start_postgres()
        with anyio.fail_after(_START_DEADLINE):
            for statement in (_NO_LONGER_RAISE, _LENGTHEN):
                await self._undo(statement)

    async def _undo(self, statement: str) -> None:
        """Give the backend's tables back what they were; a lock may be in the way for a while."""
        while True:
            try:
                async with self._site.connection() as connection:
                    await connection.execute(statement)
                return
            except _FAILURES:
                await anyio.sleep(0.5)

    async def _happen(self, event: Event) -> None:
        try:
            outcome = await self._carry_out(event)
        # A mistake of ours, not of a fault.
        except asyncpg.SyntaxOrAccessError:
            raise
        except _FAILURES as error:
            outcome = f"not done: {type(error).__name__}"
        if outcome is None or not outcome.startswith(("not done", "no ")):
            self.done[event.kind] += 1
        self._tell(f"{event}{'  ' + outcome if outcome else ''}")

    async def _carry_out(self, event: Event) -> str | None:
        match event.kind:
            case Kind.KILL:
                return await self._kill(event.worker or 0)
            case Kind.TERM:
                return self._send(event.worker or 0, signal.SIGTERM)
            case Kind.STOP:
                return self._stop_for_a_while(event.worker or 0, event.seconds)
            case Kind.CUT:
                return f"{self._site.posts[event.worker or 0].proxy.cut()} connections"
            case Kind.DELAY | Kind.FAR | Kind.HOLD | Kind.DROP | Kind.REFUSE:
                return self._disturb(event)
            case Kind.FREEZE:
                return await self._freeze(event.worker or 0, event.seconds)
            case Kind.TERMINATE:
                login = self._site.posts[event.worker or 0].login
                async with self._site.connection() as connection:
                    return f"{await connection.fetchval(_TERMINATE, login)} backends"
            case Kind.CRASH:
                return await self._outage(event.seconds, signal.SIGKILL)
            case Kind.RESTART:
                return await self._outage(event.seconds, signal.SIGINT)
            case Kind.RAISE | Kind.SHORTEN:
                return await self._alter(*_CHANGES[event.kind], event.seconds)
            case Kind.TOKENS | Kind.REVOKE:
                return await self._disturb_logins(event)
            case kind:
                return await self._backend_side.do(kind, event.choice)

    async def _kill(self, worker: int) -> str:
        pid = self._fleet.pid(worker)
        if pid is None or not self._fleet.send(worker, signal.SIGKILL):
            return "no process"
        # After the kill: from here on the dead one neither claims nor closes anything.
        try:
            async with self._site.connection() as connection:
                held = await connection.fetch(_KILLED, str(pid))
        except _FAILURES as error:
            return f"holding nobody knows what: {type(error).__name__}"
        return f"holding {len(held)} leases"

    def _send(self, worker: int, number: signal.Signals) -> str | None:
        return None if self._fleet.send(worker, number) else "no process"

    def _stop_for_a_while(self, worker: int, seconds: float) -> str | None:
        pid = self._fleet.pid(worker)

        async def resume() -> None:
            await anyio.sleep(seconds)
            # Not the process that works there by then: it was never stopped.
            if self._fleet.pid(worker) == pid:
                self._fleet.send(worker, signal.SIGCONT)

        self._tasks.start_soon(resume)
        return self._send(worker, signal.SIGSTOP)

    def _disturb(self, event: Event) -> str | None:
        proxy = self._site.posts[event.worker or 0].proxy
        proxy.treat(_TRAFFIC[event.kind], delay=event.delay)

        async def calm() -> None:
            await anyio.sleep(event.seconds)
            proxy.treat(Traffic.FLOW)

        self._tasks.start_soon(calm)
        return None

    async def _freeze(self, worker: int, seconds: float) -> str:
        """Stop the server's processes that serve a worker: its connections live and say nothing."""
        async with self._site.connection() as connection:
            rows = await connection.fetch(_BACKENDS, self._site.posts[worker].login)
        frozen = set()
        for row in rows:
            try:
                os.kill(row["pid"], signal.SIGSTOP)
            except ProcessLookupError:
                continue
            except PermissionError:
                return "not done: the processes of this Postgres are another user's"
            frozen.add(row["pid"])
        self._frozen |= frozen

        async def thaw() -> None:
            await anyio.sleep(seconds)
            self._thaw(frozen)

        self._tasks.start_soon(thaw)
        return f"{len(frozen)} backends"

    def _thaw(self, pids: set[int]) -> None:
        for pid in pids & self._frozen:
            self._frozen.discard(pid)
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                continue

    async def _disturb_logins(self, event: Event) -> str | None:
        if event.kind is Kind.TOKENS:
            self._add_fault(event)
        else:
            await self._site.workspace.issuer.revoke(self._site.workspace.client_id)
        return None

    async def _alter(self, change: str, back: str, seconds: float) -> str | None:
        """Change the backend's tables for a while; `lift` undoes what can't be undone by then."""
        async with self._site.connection() as connection:
            await connection.execute(change)
        await anyio.sleep(seconds)
        async with self._site.connection() as connection:
            await connection.execute(back)
        return None

    async def _outage(self, seconds: float, how: signal.Signals) -> str | None:
        began = datetime.now(UTC)
        # Those that are stopped would outlive the server, and keep the next one from starting.
        self._thaw(set(self._frozen))
        try:
            await anyio.to_thread.run_sync(self._site.server.stop, how)
        except (PostgresError, subprocess.TimeoutExpired):
            await anyio.to_thread.run_sync(self._site.server.stop, signal.SIGKILL)
        await anyio.sleep(seconds)
        await self._start_postgres()
        async with self._site.connection() as connection:
            await connection.execute(_OUTAGE, began, datetime.now(UTC))
        return None

    async def _start_postgres(self) -> None:
        """Start the server unless it runs; again while processes of the killed one are left."""
        with anyio.fail_after(_START_DEADLINE):
            while True:
                try:
                    return await anyio.to_thread.run_sync(self._site.server.start)
                except PostgresError as error:
                    self._tell(f"Postgres: {str(error).splitlines()[-1]}")
                await anyio.sleep(0.5)

    def _add_fault(self, event: Event) -> None:
        kind = event.fault or FaultKind.HANG
        path = "/credentials" if event.choice < 0.5 else "/oidc/v1/token"
        seconds = {FaultKind.CLOCK: 7200.0 if event.choice < 0.25 else -7200.0}.get(kind, 1.0)
        path = "/credentials" if kind is FaultKind.CLOCK else path
        self._site.workspace.faults.add(Fault(kind, path, times=1, seconds=seconds))
