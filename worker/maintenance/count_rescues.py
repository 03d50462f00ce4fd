"""Counts the runs that were taken over from other workers, and their ends."""

from worker.metrics.instruments import RESCUES, RUNS
from worker.metrics.labels import Reason, RescueCause
from worker.queue.rescue_run import Rescued
from worker.queue.run_result import RunStatus

__all__ = ["count_rescue"]


def count_rescue(rescued: Rescued) -> None:
    """Count a rescue, and the run's end if it is one."""
    RESCUES.labels(RescueCause.OUTAGE if rescued.cut_off else RescueCause.SILENT).inc()
    if rescued.cancelled:
        RUNS.labels(rescued.outcome, Reason.CANCELLED).inc()
    elif rescued.outcome == RunStatus.COMPLETED:
        RUNS.labels(rescued.outcome, Reason.PROFILED).inc()
    elif rescued.outcome == RunStatus.FAILED:
        RUNS.labels(rescued.outcome, Reason.ATTEMPTS).inc()
