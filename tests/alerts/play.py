"""Plays scenarios, all at once, beside one Prometheus."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import anyio

from deploy.sandbox.postgres import Postgres
from tests.alerts.prometheus import Prometheus
from tests.alerts.scenario import Scenario
from tests.alerts.site import AlertSite
from tests.support.waiting import until

__all__ = ["Result", "play_all"]

_FIRES_WITHIN = 90.0
# Seconds from the end of a fault to that of its alert; the longest range is a minute, shortened.
_ENDS_WITHIN = 90.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a scenario came to."""

    scenario: Scenario
    after: float
    """Seconds from the fault to the alert."""
    fired: set[str]
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether the alert has fired, and no other."""
        wanted = {self.scenario.alert} if self.scenario.alert else set()
        return self.fired == wanted and not self.error

    def __str__(self) -> str:
        fired = ", ".join(sorted(self.fired)) or "none"
        verdict = "✓" if self.ok else f"✗ expected {self.scenario.alert or 'none'} {self.error}"
        return f"{self.scenario.name:<19} {self.after:5.1f} s  {fired:<32} {verdict}"


async def _play(scenario: Scenario, site: AlertSite, prometheus: Prometheus) -> Result:
    """Cause the fault, wait for its alert, lift the fault, and wait until the alert has ended."""
    began = time.monotonic()
    after = 0.0
    error = ""
    try:
        async with scenario.fault(site):
            if (alert := scenario.alert) is not None:
                await until(
                    lambda: _fires(prometheus, site.job, alert),
                    f"{alert} fires",
                    seconds=_FIRES_WITHIN,
                )
            after = time.monotonic() - began
            await anyio.sleep(scenario.hold)
        # No other alert is about to fire either.
        await until(lambda: _at_rest(prometheus, site.job), "all is well", seconds=_ENDS_WITHIN)
    except AssertionError as failed:
        error = str(failed)
    return Result(scenario, after, await prometheus.ever_fired(site.job), error)


async def _fires(prometheus: Prometheus, job: str, alert: str) -> bool:
    return (await prometheus.alerts(job)).get(alert) == "firing"


async def _at_rest(prometheus: Prometheus, job: str) -> bool:
    return not await prometheus.alerts(job)


async def play_all(scenarios: Sequence[Scenario], folder: Path) -> tuple[list[Result], bool]:
    """Run all scenarios at once; return their results, and whether no alert was about no job."""
    results: dict[str, Result] = {}
    async with AsyncExitStack() as stack:
        server = stack.enter_context(Postgres.running(folder / "postgres"))
        sites = {
            one.name: await stack.enter_async_context(one.running(server, folder / one.name))
            for one in scenarios
        }
        jobs = {site.job: [post.port for post in site.posts] for site in sites.values()}
        prometheus = stack.enter_context(Prometheus.running(folder / "prometheus", jobs))
        await until(prometheus.ready, "Prometheus answers")
        workers = sum(len(ports) for ports in jobs.values())

        async def all_scraped() -> bool:
            return await prometheus.value("count(dqx_worker_ready == 1)") == [({}, workers)]

        await until(all_scraped, f"{workers} ready workers are scraped")
        began = time.monotonic()

        async def play(scenario: Scenario) -> None:
            result = await _play(scenario, sites[scenario.name], prometheus)
            results[scenario.name] = result
            print(result, flush=True)

        async with anyio.create_task_group() as tasks:
            for one in scenarios:
                tasks.start_soon(play, one)
        lasted = int(time.monotonic() - began)
        without_job = await prometheus.fired_without_job(lasted)
    if without_job:
        print(f"Fired for no job: {', '.join(sorted(without_job))}")
    return [results[one.name] for one in scenarios], not without_job
