"""The engine `databricks`: compute of a workspace, through Databricks Connect."""

from typing import TYPE_CHECKING, cast

from worker.spark import errors
from worker.spark.engine_kind import EngineKind
from worker.spark.engines.remote import RemoteEngine
from worker.spark.options import SparkOptions
from worker.workspace.clients import workspace_client
from worker.workspace.options import Purpose

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["DatabricksEngine"]

# Seconds. A cluster takes minutes to start.
_PATIENCE = 600.0
_PATIENCE_ELSEWHERE = 30.0


class DatabricksEngine(RemoteEngine):
    """Opens sessions on a cluster or on serverless compute.

    The login is an SDK config of its own: DQX changes the one that it gets. gRPC asks it for each
    call, so that a token is refreshed before it is over. With SPARK_REMOTE the server is that one,
    as Databricks Connect itself has it.
    """

    kind_of_engine = EngineKind.DATABRICKS

    def __init__(self, options: SparkOptions) -> None:
        super().__init__(_PATIENCE_ELSEWHERE if options.remote else _PATIENCE)
        self._options = options

    def _create(self) -> "SparkSession":
        try:
            from databricks.connect import DatabricksSession
        except ImportError as error:
            raise errors.no_pyspark(self.kind_of_engine) from error
        builder = DatabricksSession.builder
        if self._options.remote:
            builder = builder.remote(self._options.remote.get_secret_value())
        else:
            config = workspace_client(self._options.workspace, Purpose.SPARK).config
            if not (config.cluster_id or config.serverless_compute_id):
                raise errors.no_compute()
            # Whether the compute is new enough is seen at the start; later it only costs.
            builder = builder.sdkConfig(config).validateSession(self._held is None)
        try:
            return cast("SparkSession", builder.create())
        except Exception as error:
            # Databricks Connect's own: it is too new for the compute, or set up wrongly.
            if type(error) is not Exception:
                raise
            said = (str(error).splitlines() or [""])[0]
            raise errors.no_server(self.kind_of_engine, said) from error
