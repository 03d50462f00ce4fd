"""Starts an engine and DQX on it. It blocks, so it runs in a thread."""

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from worker.profiling.comparison import compare_if_unknown
from worker.profiling.options import ProfilingOptions
from worker.profiling.warm_up import warm_up
from worker.sampling.comparison_result import Verdict
from worker.spark.engine import Engine
from worker.spark.per_session import PerSession
from worker.telemetry.run_fields import run_fields

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from worker.profiling.dqx import Dqx

__all__ = ["start_dqx"]


def start_dqx(
    engine: Engine, client: "WorkspaceClient", options: ProfilingOptions
) -> "tuple[PerSession[Dqx], Verdict]":
    """Start the engine and DQX, which gets `client`, warm both, and compare what is not verified.

    Raises `EngineError`.
    """
    engine.load()
    # Most of the engine's start is waiting.
    importing = threading.Thread(target=_import_dqx, name="import of DQX", daemon=True)
    importing.start()
    try:
        engine.start()
    finally:
        # A process that ends amid that import is aborted.
        importing.join()
    from worker.profiling.dqx import Dqx

    dqx = PerSession(engine, lambda: Dqx(client, engine, options.profiler))
    made = dqx.get()
    # What is logged about the rows of both belongs to no run.
    with structlog.contextvars.bound_contextvars(**run_fields(None), schema=None):
        if options.warm:
            warm_up(engine, made, options)
        return dqx, compare_if_unknown(engine, made, options)


def _import_dqx() -> None:
    # If it fails, the import in `start_dqx` raises the error, which is reported.
    with suppress(Exception):
        import worker.profiling.dqx  # noqa: F401
