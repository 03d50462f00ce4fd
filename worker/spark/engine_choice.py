"""Which engine a choice means."""

from worker.spark import errors
from worker.spark.engine import Engine
from worker.spark.engine_kind import EngineKind
from worker.spark.engines.connect import ConnectEngine
from worker.spark.engines.databricks import DatabricksEngine
from worker.spark.engines.local import LocalEngine
from worker.spark.engines.runtime import RuntimeEngine
from worker.spark.options import SparkOptions

__all__ = ["make_engine"]


def make_engine(options: SparkOptions) -> Engine:
    """Return the engine that `options` choose, not started."""
    match options.engine:
        case EngineKind.LOCAL:
            return LocalEngine(options)
        case EngineKind.CONNECT:
            if options.remote is None:
                raise errors.no_server(options.engine, "no address of a server")
            return ConnectEngine(options.remote)
        case EngineKind.DATABRICKS:
            return DatabricksEngine(options)
        case EngineKind.RUNTIME:
            return RuntimeEngine(in_job=options.workspace.runtime)
