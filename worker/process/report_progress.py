"""Logs once a minute how far the work of this process is."""

import anyio

from worker.attempt.work_in_progress import WorkInProgress
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["report_progress"]

log = get_logger(__name__)

# Seconds.
_INTERVAL = 60.0


async def report_progress(in_work: WorkInProgress, interval: float = _INTERVAL) -> None:
    """Log a line each `interval` until cancelled, but none while no run is in work."""
    while True:
        await anyio.sleep(interval)
        if not in_work.runs:
            continue
        total = in_work.total()
        log.info(
            Event.WORK_PROGRESS,
            runs=len(in_work.runs),
            tables_done=total.tables_done,
            tables_total=total.tables_total,
            rows=total.rows,
        )
