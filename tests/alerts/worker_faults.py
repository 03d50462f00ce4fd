"""Faults of workers: killed, frozen, busy, stuck."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.alerts.scenario import Scenario
from tests.alerts.site import AlertSite
from tests.chaos.stand_in import HANGS, blocking_name, stand_in_name
from tests.support.command import command
from tests.support.runs import ended
from worker.telemetry.events import Event

__all__ = ["AllKilled", "Busy", "Frozen", "FrozenAlone", "FrozenInWork", "KilledInWork", "Stuck"]


class AllKilled(Scenario):
    """The only worker is killed and nothing starts another."""

    name = "all_killed"
    alert = "DqxWorkerNoneReady"

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Kill the worker; start another in the end."""
        (post,) = site.posts
        await post.kill()
        yield
        post.start()


class FrozenAlone(Scenario):
    """The only worker stands still. When it returns, its loop is not late."""

    name = "frozen_alone"
    alert = "DqxWorkerNoneReady"

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Stop the process, and see it ready in the end."""
        (post,) = site.posts
        post.send(signal.SIGSTOP)
        yield
        post.send(signal.SIGCONT)
        await post.until_ready()


class Frozen(Scenario):
    """One of two idle workers stands still."""

    name = "frozen"
    alert = "DqxWorkerNotReady"
    workers = 2

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Stop a process, and let it continue in the end."""
        site.posts[0].send(signal.SIGSTOP)
        yield
        site.posts[0].send(signal.SIGCONT)


async def _in_work(site: AlertSite) -> tuple[str, int]:
    """Request a run; return it and the number of the worker that has claimed it."""
    run = await site.stand_ins.request(a=stand_in_name(1500, 2))
    await site.stand_ins.until_states(run, a="profiling")
    (attempt,) = await site.stand_ins.attempts(run)
    # A worker's name holds its process id.
    pids = [post.process.pid if post.process else 0 for post in site.posts]
    (holder,) = (number for number, pid in enumerate(pids) if f"-{pid}-" in attempt["worker"])
    return run, holder


class KilledInWork(Scenario):
    """A worker is killed with a run in work. A supervisor starts it again."""

    name = "killed_in_work"
    alert = "DqxWorkerRescues"
    workers = 2

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Kill the worker that has the run."""
        run, holder = await _in_work(site)
        await site.posts[holder].kill()
        site.posts[holder].start()
        await ended(site.stand_ins.backend, run)
        yield


class FrozenInWork(Scenario):
    """A worker stands still for longer than a lease, with a run in work, and returns."""

    name = "frozen_in_work"
    alert = "DqxWorkerRescues"
    workers = 2

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Stop the worker that has the run until another has ended it."""
        run, holder = await _in_work(site)
        site.posts[holder].send(signal.SIGSTOP)
        await ended(site.stand_ins.backend, run)
        site.posts[holder].send(signal.SIGCONT)
        yield


class Busy(Scenario):
    """A table keeps the main loop busy."""

    name = "busy"
    alert = "DqxWorkerLoopLag"

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Have the loop stand still for some seconds."""
        run = await site.stand_ins.request(a=blocking_name(7000))
        yield
        await ended(site.stand_ins.backend, run)


class Stuck(Scenario):
    """A thread hangs in a table that someone cancels, and does not obey."""

    name = "stuck"
    alert = "DqxWorkerStuckThreads"

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Leave a thread behind; only another process is without it."""
        (post,) = site.posts
        run = await site.stand_ins.request(a=HANGS)
        await site.stand_ins.until_states(run, a="profiling")
        done = await command(site.stand_ins.environment, "cancel", run, "--reason", "it hangs")
        assert done.returncode == 0, done.stderr
        await post.until_event(Event.THREAD_STUCK)
        yield
        await post.kill()
        post.start()
        await post.until_ready()
