"""Logging: one event a line on stderr, JSON for programs and short lines on a terminal.

The records of libraries go through the same renderer, so stderr holds nothing else.
"""

import json
import logging
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from worker.telemetry.redact import redacted_event
from worker.telemetry.terminal_lines import TRACEBACK, TerminalLines
from worker.telemetry.text import bounded, escaped_json
from worker.telemetry.trace_ids import add_trace_id

__all__ = ["LogFormat", "LogLevel", "configure_logs", "get_logger"]

# Below INFO the Databricks SDK writes request and response bodies, in which it masks some
# secrets and not others (databricks-sdk 0.156, RoundTrip._mask). DQX narrates each rule at INFO.
_LIBRARY_LEVELS = {
    "databricks.sdk": logging.WARNING,
    "databricks.labs.dqx": logging.WARNING,
    "databricks.labs.blueprint": logging.WARNING,
    "py4j": logging.WARNING,
    # Of a receiver that is away it reports each try, and then that it gave up.
    "opentelemetry": logging.ERROR,
    "asyncio": logging.WARNING,
    "urllib3": logging.WARNING,
    # pyspark writes each error there before it raises it, with values of cells, around the root's
    # handlers (pyspark 4.1, PySparkException._log_exception).
    "DataFrameQueryContextLogger": logging.CRITICAL,
    "SQLQueryContextLogger": logging.CRITICAL,
}

# What a line of the worker and a record of a library have in common.
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    add_trace_id,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class LogLevel(StrEnum):
    """The least important lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a log line is written; `auto` is `console` on a terminal, else `json`."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


def configure_logs(
    log_format: LogFormat,
    *,
    worker: str | None = None,
    tracebacks: bool = False,
    level: LogLevel = LogLevel.INFO,
) -> None:
    """Send every log line of this process to stderr in `log_format`, with the name `worker`.

    Libraries that write secrets or values of cells keep their level whatever `level` is. Call it
    before DQX is imported: DQX leaves logging alone if handlers exist. `tracebacks` adds them
    to lines that report an error; they never show local variables.
    """
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _handler(log_format, worker, tracebacks=tracebacks)
    root = logging.getLogger()
    # Libraries have levels of their own, below which they are silent; above it is this one's.
    handler.setLevel(level.upper())
    root.handlers = [handler]
    root.setLevel(level.upper())
    # DQX gives this logger a handler of its own unless it has one.
    python_warnings = logging.getLogger("py.warnings")
    python_warnings.handlers = [handler]
    python_warnings.propagate = False
    for name, lowest in _LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(lowest)


def _handler(log_format: LogFormat, worker: str | None, *, tracebacks: bool) -> logging.Handler:
    """Return the handler that renders, redacts and writes every line to stderr."""
    console = log_format is LogFormat.CONSOLE or (
        log_format is LogFormat.AUTO and sys.stderr.isatty()
    )
    # Without tracebacks the message of a line, which names the error, has to do.
    exceptions: Processor = structlog.processors.format_exc_info if tracebacks else _drop_traceback
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                exceptions,
                _Named(worker),
                redacted_event,
                # After the redaction, which knows a secret by its form: half of one has none.
                _bounded_event,
                *_renderer(console=console),
            ],
        )
    )
    handler.addFilter(_is_no_repeated_error)
    return handler


def _renderer(*, console: bool) -> list[Processor]:
    if console:
        return [TerminalLines()]
    return [structlog.processors.JSONRenderer(_json, ensure_ascii=False, default=str)]


def _is_no_repeated_error(record: logging.LogRecord) -> bool:
    """Return False for what py4j logs under the root logger: its caller gets the same as an error.

    One example is a call that is under way when the worker stops its JVM.
    """
    return record.name != "root" or Path(record.pathname).parent.name != "py4j"


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of the module `name`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _drop_traceback(_logger: object, _method: str, event: EventDict) -> EventDict:
    event.pop("exc_info", None)
    return event


def _bounded_event(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {
        name: bounded(value) if isinstance(value, str) and name != TRACEBACK else value
        for name, value in event.items()
    }


class _Named:
    """Adds the worker's name to a line: a processor of structlog."""

    def __init__(self, worker: str | None) -> None:
        self._added = {} if worker is None else {"worker": worker}

    def __call__(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        return {**event, **self._added}


def _json(value: Any, **options: Any) -> str:
    return escaped_json(json.dumps(value, **options))
