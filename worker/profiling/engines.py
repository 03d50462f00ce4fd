"""Which engine a choice means."""

from worker.profiling.engine import Engine
from worker.profiling.local import LocalEngine
from worker.profiling.options import EngineKind, ProfilingOptions
from worker.profiling.runtime import RuntimeEngine

__all__ = ["make_engine"]


def make_engine(options: ProfilingOptions) -> Engine:
    """Return the engine that `options` choose, not started."""
    match options.engine:
        case EngineKind.LOCAL:
            return LocalEngine(options)
        case EngineKind.RUNTIME:
            return RuntimeEngine(in_job=options.in_job)
