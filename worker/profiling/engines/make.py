"""Which engine a choice means."""

from worker.profiling import engine_errors
from worker.profiling.engines.connect import ConnectEngine
from worker.profiling.engines.databricks import DatabricksEngine
from worker.profiling.engines.engine import Engine
from worker.profiling.engines.local import LocalEngine
from worker.profiling.engines.runtime import RuntimeEngine
from worker.profiling.options import EngineKind, ProfilingOptions

__all__ = ["make_engine"]


def make_engine(options: ProfilingOptions) -> Engine:
    """Return the engine that `options` choose, not started."""
    match options.engine:
        case EngineKind.LOCAL:
            return LocalEngine(options)
        case EngineKind.CONNECT:
            if options.remote is None:
                raise engine_errors.no_server(options.engine, "no address of a server")
            return ConnectEngine(options.remote)
        case EngineKind.DATABRICKS:
            return DatabricksEngine(options)
        case EngineKind.RUNTIME:
            return RuntimeEngine(in_job=options.in_job)
