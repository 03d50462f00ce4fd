"""Passes events to a subscriber that needs more of them than a log line."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from worker.telemetry.redact import redacted_event

__all__ = ["subscribe"]


def subscribe(listener: Callable[[Mapping[str, Any]], None]) -> None:
    """Call `listener` with the fields of every event from INFO on, what looks secret blotted out.

    Call it after `configure_logs`; what the log itself shows stays as it is. The listener is
    called in whatever thread logs.
    """
    root = logging.getLogger()
    for handler in root.handlers:
        handler.setLevel(max(handler.level, root.level))
    root.setLevel(min(root.level, logging.INFO))
    root.addHandler(_Listening(listener))


class _Listening(logging.Handler):
    """Passes on our own events; the records of libraries are text, not fields."""

    def __init__(self, listener: Callable[[Mapping[str, Any]], None]) -> None:
        super().__init__(logging.INFO)
        self._listener = listener

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict):
            try:
                self._listener(redacted_event(None, "", record.msg))
            # As every handler does: a failure to report does not end the work that is reported.
            except Exception:  # noqa: BLE001
                self.handleError(record)
