"""Watches, from a side loop, that the main loop turns."""

import anyio

from worker.concurrency.side_loop import Home
from worker.probes.health import Health
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["watch_loop"]

log = get_logger(__name__)

# Seconds.
_INTERVAL = 1.0
_SLOW_AFTER = 5.0
_STUCK_AFTER = 60.0


async def watch_loop(home: Home, health: Health) -> None:
    """Ask the main loop for an answer again and again, and report to `health` until cancelled.

    A loop that is busy for some seconds is not ready, and recovers. Only a loop that has not
    answered for a minute counts as stuck: a restart ends every run that the worker has in work.
    """
    while True:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_count_seconds, health)
            with health.loop_lag.measured():
                await home.ask(_answer)
            tasks.cancel_scope.cancel()
        health.loop_answers.well()
        health.loop_alive.well()
        await anyio.sleep(_INTERVAL)


def _answer() -> None:
    """Show that the loop turns."""


async def _count_seconds(health: Health) -> None:
    await anyio.sleep(_SLOW_AFTER)
    health.loop_answers.unwell(_reason(_SLOW_AFTER))
    await anyio.sleep(_STUCK_AFTER - _SLOW_AFTER)
    health.loop_alive.unwell(_reason(_STUCK_AFTER))
    log.error(Event.LOOP_STUCK, seconds=_STUCK_AFTER)


def _reason(seconds: float) -> str:
    return f"the main loop has not answered for {seconds:g} s"
