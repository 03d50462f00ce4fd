"""What happens to a queue: more requests than slots, runs that fail, a pause; and what is usual."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import ClassVar

from tests.alerts.scenario import Scenario
from tests.alerts.site import AlertSite
from tests.chaos.stand_in import FAILS, stand_in_name
from tests.support.command import command
from tests.support.runs import ended

__all__ = ["FullQueue", "NothingWrong", "Paused", "RunsFail"]


class FullQueue(Scenario):
    """One slot has a long run, and another request waits."""

    name = "full_queue"
    alert = "DqxWorkerOldestWaiting"
    settings: ClassVar[Mapping[str, str]] = {"DQX_WORKER_SLOTS": "1"}

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Request two runs; both end."""
        first = await site.stand_ins.request(a=stand_in_name(35_000, 1))
        await site.stand_ins.until_states(first, a="profiling")
        second = await site.stand_ins.request(b=stand_in_name(10, 1))
        yield
        await ended(site.stand_ins.backend, first, second)


class Paused(Scenario):
    """Someone pauses claiming and forgets that. Requests wait for longer than five minutes."""

    name = "paused"
    alert = "DqxWorkerClaimingPaused"

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Pause, and resume in the end."""
        environment = site.stand_ins.environment
        paused = await command(environment, "pause", "--reason", "a test")
        assert paused.returncode == 0, paused.stderr
        run = await site.stand_ins.request(a=stand_in_name(10, 1))
        yield
        resumed = await command(environment, "resume")
        assert resumed.returncode == 0, resumed.stderr
        await ended(site.stand_ins.backend, run)


class RunsFail(Scenario):
    """Half of the runs fail."""

    name = "runs_fail"
    alert = "DqxWorkerFailures"

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Request runs; half of their tables cannot be profiled."""
        runs = []
        for _ in range(3):
            runs.append(await site.stand_ins.request(good=stand_in_name(10, 1)))
            runs.append(await site.stand_ins.request(bad=FAILS))
        await ended(site.stand_ins.backend, *runs)
        yield


class NothingWrong(Scenario):
    """What happens every day: runs, one that fails, one that is cancelled, a new version."""

    name = "nothing_wrong"
    alert = None
    workers = 2
    # Longer than ten minutes, shortened.
    hold = 30.0

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Work through some requests while the workers are replaced one after the other."""
        stand_ins = site.stand_ins
        runs = [await stand_ins.request(good=stand_in_name(500, 2)) for _ in range(12)]
        runs.append(await stand_ins.request(bad=FAILS))
        cancelled = await stand_ins.request(long=stand_in_name(600_000, 1))
        for post in site.posts:
            await post.stop()
            post.start()
            await post.until_ready()
        done = await command(stand_ins.environment, "cancel", cancelled, "--reason", "a test")
        assert done.returncode == 0, done.stderr
        await ended(stand_ins.backend, *runs, cancelled)
        yield
