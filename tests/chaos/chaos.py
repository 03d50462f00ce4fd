"""The whole: a schedule is carried out, what is left gets time to end, then comes the verdict."""

import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import asyncpg

from tests.chaos.backend_side import BackendSide
from tests.chaos.faults import Faults
from tests.chaos.fleet import Fleet
from tests.chaos.logs import ended_by_themselves
from tests.chaos.recovery import Recovery, recovery
from tests.chaos.schedule import Kind, draw
from tests.chaos.site import Site, open_site
from tests.chaos.verify import Found, verify
from tests.support.events_page import wrong_lines

__all__ = ["Plan", "Report", "run_chaos"]

_MARGIN = 180.0
"""Seconds for all that is neither the schedule nor the settling."""
# Told to stop by SIGTERM, which before a worker listens to it ends the process.
_STOPPED = (128 + signal.SIGTERM, -signal.SIGTERM)
_LEFT = """
SELECT (SELECT count(*) FROM data_profiling_runs WHERE status IN ('pending', 'running'))
     + (SELECT count(*) FROM dqx_worker.leases)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be run. Times are seconds."""

    seed: int
    seconds: float
    workers: int = 3
    lease: float = 3.0
    settle: float = 90.0
    """How long what is left may take to end, beside one lease."""
    dqx: bool = True
    round_trip: float = 0.0
    """Between each worker and Postgres, beside what happens to the network."""
    folder: Path | None = None
    """Where the server and the logs are kept; None: nowhere."""


@dataclass(frozen=True, slots=True)
class Report:
    """What happened, and what of it should not have."""

    plan: Plan
    done: Counter[Kind]
    exits: Counter[int]
    requests: int
    found: Found
    recovery: Recovery
    ended: list[str]
    """Workers that should have gone on."""
    lines: list[str]
    """Lines of their logs that docs/events.md does not admit."""
    seconds: float
    settled: float

    @property
    def violations(self) -> list[str]:
        """Every broken promise, as a sentence with the seed and the run's id."""
        return [*self.found.violations, *self.ended, *self.lines]

    def __str__(self) -> str:
        done = ", ".join(f"{count} {kind}" for kind, count in sorted(self.done.items()))
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.found.ends.items()))
        exits = ", ".join(f"{count} with {code}" for code, count in sorted(self.exits.items()))
        kept = "every promise kept" if not self.violations else f"{len(self.violations)} violations"
        return (
            f"seed {self.plan.seed}, {self.plan.workers} workers, lease {self.plan.lease:g} s, "
            f"{self.seconds:.0f} s in all, settled in {self.settled:.1f} s\n"
            f"faults and deeds: {done}\n"
            f"processes ended: {exits}\n"
            f"runs: {self.requests} requested; {ends}\n"
            f"suggestions: {self.found.suggestions}; "
            f"tables profiled by DQX itself: {self.found.real_tables}\n"
            f"from SIGKILL to another worker's claim: {self.recovery}\n"
            f"{kept}"
        )


async def run_chaos(plan: Plan, tell: Callable[[str], None] = print) -> Report:
    """Carry out a schedule and return what came of it. Tells of each thing as it happens."""
    with anyio.fail_after(plan.seconds + plan.settle + plan.lease + _MARGIN):
        return await _run(plan, tell)


async def _run(plan: Plan, tell: Callable[[str], None]) -> Report:
    began = time.monotonic()
    events = draw(plan.seed, plan.seconds, workers=plan.workers, lease=plan.lease, dqx=plan.dqx)
    with _folder(plan) as folder:
        async with open_site(
            folder,
            workers=plan.workers,
            lease=plan.lease,
            dqx=plan.dqx,
            round_trip=plan.round_trip,
        ) as site:
            backend_side = BackendSide(site, plan.seed, dqx=plan.dqx)
            await backend_side.prepare()
            async with Fleet.running(site, plan.seed) as fleet:
                async with anyio.create_task_group() as tasks, anyio.create_task_group() as asking:
                    faults = Faults(site, fleet, backend_side, tasks, tell)
                    asking.start_soon(backend_side.request_all_the_time)
                    start = anyio.current_time()
                    for event in events:
                        await anyio.sleep_until(start + event.at)
                        faults.begin(event)
                    await anyio.sleep_until(start + plan.seconds)
                    asking.cancel_scope.cancel()
                # The group of the faults has ended: everything that lasted is over.
                await faults.lift()
                tell(f"{plan.seconds:6.1f} s  the end of all faults")
                settled = await _settle(site, plan.settle + plan.lease)
                # Before the fleet is told to stop, and gives back what is left.
                async with (
                    site.connection() as connection,
                    connection.transaction(isolation="repeatable_read"),
                ):
                    found = await verify(connection, plan.seed)
                    recovered = await recovery(connection)
            ended = [
                f"seed {plan.seed}: worker {post.number} {sentence}"
                for post in site.posts
                for sentence in ended_by_themselves(post.log)
            ]
            lines = sorted({sentence for post in site.posts for sentence in wrong_lines(post.log)})
            ended += [
                f"seed {plan.seed}: worker {one.worker} ended with {one.code} when told to stop"
                for one in fleet.exits
                if one.stopped and one.code not in _STOPPED
            ]
    return Report(
        plan=plan,
        done=faults.done,
        exits=Counter(one.code for one in fleet.exits if not one.stopped),
        requests=backend_side.requests,
        found=found,
        recovery=recovered,
        ended=ended,
        lines=lines,
        seconds=time.monotonic() - began,
        settled=settled,
    )


@contextmanager
def _folder(plan: Plan) -> Iterator[Path]:
    if plan.folder is not None:
        plan.folder.mkdir(parents=True)
        yield plan.folder
        return
    with tempfile.TemporaryDirectory(prefix="dqx-chaos-") as folder:
        yield Path(folder)


async def _settle(site: Site, patience: float) -> float:
    """Wait until no run is open and no lease left, or as long as that may take; return how long."""
    began = anyio.current_time()
    with anyio.move_on_after(patience):
        while True:
            try:
                async with site.connection() as connection:
                    if not await connection.fetchval(_LEFT):
                        break
            except (OSError, TimeoutError, asyncpg.PostgresError):
                pass
            await anyio.sleep(0.2)
    return anyio.current_time() - began
