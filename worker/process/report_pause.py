"""Reports to the log and to /readyz that an operator paused or resumed claiming."""

from worker.probes.health import Part
from worker.queue.claiming import Claiming
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["PauseReport"]

log = get_logger(__name__)


class PauseReport:
    """Adds a note to `part` while claiming is paused: the worker is well, and takes nothing."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._paused: Claiming | None = None

    def look(self, claiming: Claiming | None) -> None:
        """Report `claiming`, as the last beat found it, if it is not what was reported last."""
        paused = claiming if claiming is not None and claiming.paused else None
        if paused == self._paused:
            return
        self._paused = paused
        if paused is not None:
            self._part.note(paused.words)
            log.info(
                Event.CLAIMING_PAUSED, by=paused.by, reason=paused.reason, since=paused.since_text
            )
        else:
            self._part.note(None)
            log.info(Event.CLAIMING_RESUMED, by=claiming and claiming.by)
