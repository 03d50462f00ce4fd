"""Plays an example: lets strands do a statement at a time, moves time, and looks after each commit.

A statement that waits for a lock is seen in `pg_blocking_pids`, and counts as a step; it goes on
as soon as the lock is free. Nothing depends on how long anything takes.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Set
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.database_login import Login
from deploy.sandbox.insert_rows import insert
from tests.queue.protocol import invariants as rules
from tests.queue.protocol import scripts
from tests.queue.protocol.invariants import Broken, Rule
from tests.queue.protocol.scripts import CONTRACT, TABLES, Process
from tests.queue.protocol.state import State, read
from tests.queue.protocol.steps import (
    RUNS,
    WORKERS,
    Crash,
    Cut,
    Ending,
    Example,
    Go,
    Outage,
    Pass,
    Step,
)
from tests.queue.protocol.stepwise_connection import Order, Strand
from tests.support.options import database_options, password_of
from worker.database import outage, pool
from worker.database.migrate import migrate
from worker.database.open_connection import connect
from worker.queue.lease import Lease

__all__ = ["Stage"]

_STRANDS = 16
_OWNERS = 6
_ROUNDS = 12
_PATIENCE = 20.0
_LOOK = 0.002

_BLOCKED = """
SELECT pid FROM unnest($1::integer[]) AS pid WHERE cardinality(pg_blocking_pids(pid)) > 0
"""
# What somebody has locked is left where it is: time must not wait for anybody.
_PASS = (
    """
    UPDATE dqx_worker.leases SET expires_at = expires_at - $1::interval,
           renewed_at = greatest(renewed_at - $1::interval,
                                 least(renewed_at, pg_postmaster_start_time() + interval '1 ms'))
    WHERE run_id IN (SELECT run_id FROM dqx_worker.leases FOR NO KEY UPDATE SKIP LOCKED)
    """,
    """
    UPDATE dqx_worker.attempts SET begun_at = begun_at - $1::interval,
           ended_at = ended_at - $1::interval, not_before = not_before - $1::interval
    WHERE (run_id, number) IN (SELECT run_id, number FROM dqx_worker.attempts
                               FOR NO KEY UPDATE SKIP LOCKED)
    """,
)
_OUTAGE = """
UPDATE dqx_worker.leases SET renewed_at = pg_postmaster_start_time() - interval '1 second',
       expires_at = least(expires_at, clock_timestamp())
WHERE run_id IN (SELECT run_id FROM dqx_worker.leases FOR NO KEY UPDATE SKIP LOCKED)
"""
_EMPTY = """
DELETE FROM data_contracts;
DELETE FROM dqx_worker.leases;
DELETE FROM dqx_worker.attempts;
DELETE FROM dqx_worker.table_progress;
DELETE FROM dqx_worker.requests_seen;
DELETE FROM dqx_worker.contract_locks;
"""
# A worker that is slow between the snapshot of a statement and the locks that it takes.
_SLOW = """
CREATE FUNCTION public.slow() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF current_setting('protocol.slow', true) = 'on' THEN
        PERFORM pg_advisory_xact_lock_shared(1);
    END IF;
    RETURN true;
END $$;
ALTER TABLE data_profiling_runs ENABLE ROW LEVEL SECURITY;
CREATE POLICY slow ON data_profiling_runs TO dqx_worker USING (slow());
"""


@dataclass(slots=True)
class _Actor:
    what: str
    strand: Strand
    rule: Rule
    stock: list[asyncpg.Connection]
    owner: Process | None = None
    slow: bool = False
    """It stops between the snapshot of its next statement and the locks that it takes."""


@dataclass
class Stage:
    """A database and connections to it, for one example after the other."""

    backend: Backend
    options: Any
    eye: asyncpg.Connection
    gate_keeper: asyncpg.Connection
    connections: list[asyncpg.Connection]
    owners: list[asyncpg.Connection]
    tally: Counter[str] = field(default_factory=Counter)

    @classmethod
    @asynccontextmanager
    async def open(cls, backend: Backend, admin: Login) -> AsyncIterator["Stage"]:
        """Migrate the database and open the connections."""
        options = database_options(
            backend.worker,
            # Who is to give way is told so: no example depends on how busy the machine is.
            lock_timeout=timedelta(minutes=10),
            statement_timeout=timedelta(minutes=10),
            command_timeout=timedelta(minutes=10),
            idle_in_transaction_timeout=timedelta(minutes=10),
        )
        passwords = password_of(backend.worker)
        await migrate(options, passwords)
        async with AsyncExitStack() as stack:

            async def opened(connection: asyncpg.Connection) -> asyncpg.Connection:
                stack.push_async_callback(connection.close)
                return connection

            here = replace(admin, database=backend.worker.database)
            eye = await opened(await here.connect())
            await eye.execute(_SLOW)
            name = backend.worker.database
            await eye.execute(f"ALTER DATABASE {name} SET deadlock_timeout = '10min'")
            yield cls(
                backend,
                options,
                eye,
                await opened(await here.connect()),
                [await opened(await connect(options, passwords)) for _ in range(_STRANDS)],
                [await opened(await backend.owner.connect()) for _ in range(_OWNERS)],
            )

    async def play(self, example: Example) -> None:
        """Play the example and bring it to its end. Raises `Broken`, with what happened."""
        await self.eye.execute(_EMPTY)
        await insert(self.eye, "data_contracts", id=CONTRACT, name=CONTRACT)
        for table in TABLES:
            await insert(
                self.eye,
                "data_contract_schema_objects",
                id=table,
                contract_id=CONTRACT,
                name=table,
            )
        with _no_pauses():
            played = _Play(self, example)
            try:
                await played.all()
            except Exception as error:
                await played.tear_down()
                reported = "\n  ".join(played.reported)
                raise Broken(f"{error!r}\n  {reported}\n{error}\n{example}") from error


@contextmanager
def _no_pauses() -> Iterator[None]:
    """Whoever tries again waits for his turn, and not for a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "_CONFLICT_PAUSE", 0)
        patch.setattr(pool, "_BOUNDARY_TIMEOUT", 600)
        patch.setattr(outage, "_FIRST_PAUSE", 0)
        yield


class _Play:
    """One example in play."""

    def __init__(self, stage: Stage, example: Example) -> None:
        self.reported: list[str] = []
        self._stage = stage
        self._example = example
        self._tally = stage.tally
        self._actors: dict[str, _Actor] = {}
        self._free = list(stage.connections)
        self._free_owners = list(stage.owners)
        self._moved = asyncio.Event()
        self._blocked: Set[Strand] = set()
        """Those that were moving and blocked when Postgres was last asked."""
        self._is_settled = True
        """Whether no strand has been begun or let through since they were waited for."""
        self._number = 0
        self._attempts = 0
        self._processes: dict[str, Process] = {}
        self._healing = False
        self._theirs: set[str] = set()
        self._lost: set[str] = set()
        passwords = password_of(stage.backend.worker)
        self._nobodys = Strand(
            "nobody",
            stage.eye,
            stage.options,
            passwords,
            moved=self._moved,
            said=self.reported.append,
        ).database

    async def all(self) -> None:
        self._state = await read(self._stage.eye)
        for run in RUNS:
            await self._do(Go(f"backend ask {run}"))
        for step in self._example.steps:
            self._tally[type(step).__name__] += 1
            self.reported.append(f"{step}")
            await self._do(step)
        await self._heal()
        rules.at_the_end(self._state, self._theirs, self._lost)
        self._tally["examples"] += 1
        for one in self._state.attempts.values():
            self._tally[f"attempts that ended as {one.outcome}"] += 1

    async def tear_down(self) -> None:
        """End every strand, whatever it is doing."""
        await self._release_slow()
        while any(not actor.strand.ended for actor in self._actors.values()):
            for actor in self._actors.values():
                if not actor.strand.die():
                    await self._cancel_statement(actor.strand)
            await asyncio.sleep(0.01)

    async def _do(self, step: Step) -> None:
        match step:
            case Go(what, statements):
                await self._go(what, statements)
            case Cut(what, done):
                await self._cut(what, Order.LOSE_ANSWER if done else Order.LOSE_STATEMENT)
            case Crash(who):
                await self._crash(who)
            case Pass(seconds):
                await self._pass(timedelta(seconds=seconds))
            case Outage():
                await self._stage.eye.execute(_OUTAGE)
                self._state = await read(self._stage.eye)

    async def _go(self, what: str, statements: int) -> None:
        actor = self._actors.get(what) or self._begin(what)
        if actor is None and (who := what.split(maxsplit=1)[0]) in WORKERS:
            what = self._instead(who)
            actor = self._actors.get(what) or self._begin(what)
        if actor is None:
            return
        self._tally[f"go: {_kind(what)}"] += 1
        if not self._is_settled:
            await self._settle()
        for _ in range(statements):
            if actor.strand.ended or not await self._step(actor):
                break

    def _instead(self, who: str) -> str:
        """Return what a worker does that has no such run.

        It goes on with another, or looks for one; where there is none, the backend asks anew.
        """
        for run in RUNS:
            if (other := f"{who} {run}") in self._actors:
                return other
        for run in RUNS:
            row = self._state.runs.get(run)
            if row and row.status in rules.ENDED and not self._state.requests():
                return f"backend reset {run}"
        return f"{who} claim"

    async def _step(self, actor: _Actor) -> bool:
        """Let the actor do a statement; return whether it has done one."""
        strand = actor.strand
        if not strand.at_gate:
            return await self._unblock(actor)
        if actor.slow:
            await self._hold_slow(strand)
        strand.let_through(Order.GO)
        self._tally["statements"] += 1
        await self._settle()
        if strand.moving:
            self._tally["blocked: " + ("slow" if actor.slow else _kind(actor.what))] += 1
            self.reported.append(f"{actor.what}: is blocked")
        elif actor.slow:
            actor.slow = False
            await self._release_slow()
        return not strand.moving

    async def _unblock(self, actor: _Actor) -> bool:
        if actor.slow:
            actor.slow = False
            self.reported.append(f"{actor.what}: goes on")
            await self._release_slow()
        elif actor.what.startswith("backend") and not self._healing:
            return False
        else:
            self._tally[f"gave way: {_kind(actor.what)}"] += 1
            actor.strand.gives_way = True
            await self._cancel_statement(actor.strand)
        await self._settle()
        return True

    async def _cut(self, what: str, order: Order) -> None:
        actor = self._actors.get(what)
        if actor is None or not actor.strand.at_gate:
            return
        self._tally[f"cut: {_kind(what)}"] += 1
        actor.strand.let_through(order)
        await self._settle()

    async def _crash(self, who: str) -> None:
        process = self._processes.pop(who, None)
        for actor in list(self._actors.values()):
            if actor.what == who or (process is not None and actor.owner is process):
                await self._kill(actor)
        await self._settle()

    async def _kill(self, actor: _Actor) -> None:
        if actor.strand.ended:
            return
        self._tally[f"killed: {_kind(actor.what)}"] += 1
        self.reported.append(f"{actor.what}: dies")
        if not actor.strand.die():
            await self._cancel_statement(actor.strand)
        await self._settle()
        if actor.slow:
            await self._release_slow()

    async def _pass(self, time: timedelta) -> None:
        for statement in _PASS:
            await self._stage.eye.execute(statement, time)
        self._state = await read(self._stage.eye)

    def _begin(self, what: str) -> _Actor | None:
        """Begin what is not under way, if it is something that begins of itself."""
        match what.split():
            case ["backend", decision, run]:
                return self._add(
                    what, rules.decides, lambda one: scripts.decide(one, decision, run)
                )
            case ["operator", "cancel", "all"]:
                name = self._name("operator")
                rule = rules.cancels_all(name)
                return self._add(what, rule, lambda one: scripts.cancel_all_runs(one, name))
            case ["operator", "cancel", run]:
                name = self._name("operator")
                rule = rules.cancels(name, run)
                return self._add(what, rule, lambda one: scripts.cancel_a_run(one, run, name))
            case ["operator", "adopt", run]:
                name = self._name("operator")
                return self._add(
                    what, rules.adopts(name), lambda one: scripts.adopt_run(one, run, name)
                )
            case ["upkeep", "prune"]:
                return self._add(what, rules.prunes, scripts.prune)
            case ["job", run]:
                return self._begin_job(what, run)
            case [who, *work] if who not in ("backend", "operator"):
                return self._begin_work(what, who, " ".join(work))
        return None

    def _begin_work(self, what: str, who: str, work: str) -> _Actor | None:
        process = self._processes.get(who) or Process(self._name(who), self._nobodys)
        self._processes[who] = process
        name = process.options.worker
        match work:
            case "claim" | "slow claim":
                return self._add(
                    what,
                    rules.claims(name),
                    lambda one: process.claim(one, lambda lease: self._take(who, process, lease)),
                    process,
                    slow=work == "slow claim",
                )
            case "beat":
                return self._add(what, rules.beats(name), process.beat, process)
            case "rescue":
                return self._add(what, rules.rescues, process.rescue, process)
        return None

    def _take(self, who: str, process: Process, lease: Lease) -> None:
        """Begin to work under a lease that a claim gave."""
        what = f"{who} {lease.run.id}"
        ending = self._ending()
        rule = rules.works(lease.run.id, lease.attempt, str(lease.token))
        if what in self._actors:
            # The attempt before it, which has lost its lease, and does not know it yet.
            earlier = self._actors.pop(what)
            earlier.what = f"{what} earlier {self._name('')}"
            self._actors[earlier.what] = earlier
        self._add(what, rule, lambda one: process.work(one, lease, ending), process)

    def _begin_job(self, what: str, run: str) -> _Actor:
        name = self._name("job")
        ending = self._ending()

        def rule(before: State, after: State) -> None:
            # The claim has committed before the job knows of it.
            if not any(one.worker == name for one in before.attempts_of(run)):
                rules.claims_as_a_job(name, run)(before, after)
            else:
                (lease,) = process.taken
                rules.works(run, lease.attempt, str(lease.token))(before, after)

        process = Process(name, self._nobodys)
        return self._add(
            what, rule, lambda one: scripts.work_as_a_job(one, process, run, ending), process
        )

    def _add(
        self,
        what: str,
        rule: Rule,
        script: Callable[[Strand], Coroutine[Any, Any, None]],
        owner: Process | None = None,
        *,
        slow: bool = False,
    ) -> _Actor:
        stage = self._stage
        stock = self._free_owners if what.startswith("backend") else self._free
        passwords = password_of(stage.backend.worker)
        strand = Strand(
            what,
            stock.pop(),
            stage.options,
            passwords,
            moved=self._moved,
            said=self.reported.append,
        )
        self._is_settled = False
        slow = slow and not any(actor.slow for actor in self._actors.values())
        actor = self._actors[what] = _Actor(what, strand, rule, stock, owner, slow)
        strand.start(script(strand))
        return actor

    def _name(self, who: str) -> str:
        self._number += 1
        return f"{who}{self._number}"

    def _ending(self) -> Ending:
        if self._healing:
            return Ending.COMPLETE
        endings = self._example.endings
        self._attempts += 1
        return endings[(self._attempts - 1) % len(endings)]

    async def _settle(self) -> None:
        """Wait until every strand is at its gate, has ended, or is blocked; judge what it did."""
        async with asyncio.timeout(_PATIENCE):
            while moving := self._moving():
                # Those that were blocked most often still are.
                if moving <= self._blocked or not await self._has_moved():
                    if await self._are_blocked(moving):
                        self._blocked = moving
                        break
                    self._blocked = set()
        await self._judge()
        await self._sweep()
        self._is_settled = True

    def _moving(self) -> set[Strand]:
        return {one.strand for one in self._actors.values() if one.strand.moving}

    async def _has_moved(self) -> bool:
        """Return whether a strand comes to its gate or its end in the next moment."""
        self._moved.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                return await self._moved.wait()
        return False

    async def _are_blocked(self, strands: Set[Strand]) -> bool:
        """Return whether all of these are blocked, and no other moves.

        One that came to its gate meanwhile may have let another go on after Postgres was asked.
        """
        pids = [one.pid for one in strands]
        blocked = {row["pid"] for row in await self._stage.eye.fetch(_BLOCKED, pids)}
        return blocked.issuperset(pids) and self._moving() == strands

    async def _judge(self) -> None:
        """Look at what has been committed since the last time, and by whom."""
        committed = [one for one in self._actors.values() if one.strand.committed]
        if not committed:
            return
        for actor in committed:
            actor.strand.committed = False
        before, after = self._state, await read(self._stage.eye)
        self._state = after
        self._tally["commits"] += 1
        # A heartbeat goes on of itself when what it has waited for commits.
        others = [one for one in committed if not one.what.endswith(" beat")] or committed[:1]
        (actor,) = others
        actor.rule(before, after)
        changed = {
            run
            for run in before.runs.keys() | after.runs.keys()
            if before.runs.get(run) != after.runs.get(run)
        }
        if actor.what.startswith("backend"):
            self._theirs |= changed
        else:
            self._theirs -= changed
        self._lost |= {
            one.run
            for id_, one in before.suggestions.items()
            if id_ not in after.suggestions and one.at not in after.runs
        }
        rules.always(after, self._theirs, self._lost)

    async def _sweep(self) -> None:
        """Take connections back from whoever has ended."""
        for what, actor in list(self._actors.items()):
            if actor.strand.ended:
                del self._actors[what]
                if "slow" in what:
                    await actor.strand.connection.execute("SET protocol.slow = 'off'")
                actor.stock.append(actor.strand.connection)
                if actor.strand.error is not None:
                    raise actor.strand.error

    async def _heal(self) -> None:
        """Let everybody end what he does; then let time pass and a new worker do what is left."""
        self._healing = True
        self.reported.append("the end")
        await self._run_out()
        for _ in range(_ROUNDS):
            if not self._state.requests() and not self._state.leases:
                return
            await self._pass(timedelta(seconds=3700))
            self._processes.clear()
            for work in ("Z rescue", "Z claim"):
                self._begin(work)
                await self._run_out()

    async def _run_out(self) -> None:
        await self._settle()
        while self._actors:
            at_gate = [one for one in self._actors.values() if one.strand.at_gate]
            # Only where nobody can go on, somebody gives way: a worker, if there is one.
            blocked = sorted(self._actors.values(), key=lambda one: one.what.startswith("backend"))
            for actor in at_gate or blocked[:1]:
                while not actor.strand.ended and await self._step(actor):
                    pass

    async def _cancel_statement(self, strand: Strand) -> None:
        await self._stage.eye.execute("SELECT pg_cancel_backend($1)", strand.pid)

    async def _hold_slow(self, strand: Strand) -> None:
        await self._stage.gate_keeper.execute("SELECT pg_advisory_lock(1)")
        await strand.connection.execute("SET protocol.slow = 'on'")

    async def _release_slow(self) -> None:
        await self._stage.gate_keeper.execute("SELECT pg_advisory_unlock_all()")


def _kind(what: str) -> str:
    """Return what an actor does, whoever it is and whichever run it is about."""
    words = [word for word in what.split() if word not in (*RUNS, *WORKERS)]
    return " ".join(words) or "attempt"
