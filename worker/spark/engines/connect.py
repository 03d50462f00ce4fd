"""The engine `connect`: a Spark Connect server, named by its address."""

import os
from typing import TYPE_CHECKING, cast

from pydantic import SecretStr

from worker.spark.engine_kind import EngineKind
from worker.spark.engines.remote import RemoteEngine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["ConnectEngine"]

_PATIENCE = 30.0


class ConnectEngine(RemoteEngine):
    """Opens sessions of its own on the server at `remote`."""

    kind_of_engine = EngineKind.CONNECT

    def __init__(self, remote: SecretStr) -> None:
        super().__init__(_PATIENCE)
        self._remote = remote

    def _create(self) -> "SparkSession":
        from pyspark.sql.connect.session import SparkSession as RemoteSparkSession

        # Says to pyspark's functions which kind of columns to make.
        os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
        builder = RemoteSparkSession.builder.remote(self._remote.get_secret_value())
        return cast("SparkSession", builder.create())

    def _configure(self, session: "SparkSession") -> None:
        super()._configure(session)
        # A name such as csv.`/etc/passwd` is no table.
        session.conf.set("spark.sql.runSQLOnFiles", "false")
