"""Where Spark runs, and how long its work may hang."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, NonNegativeInt, SecretStr

from worker.options.setting import setting
from worker.options.values import Duration, PositiveDuration, Trimmed
from worker.spark import setting_errors as errors
from worker.spark.engine_kind import EngineKind
from worker.spark.installed_extra import installed_engine
from worker.workspace.address import is_loopback
from worker.workspace.options import WorkspaceOptions

__all__ = ["SparkOptions", "SparkSettings"]

_HEAP = re.compile(r"\d{1,6}[mg]")
_REMOTE = re.compile(
    r"sc://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/:@?;\[\]]+)(:\d{1,5})?(/(;[^\s;=/]+=[^\s;]*)*)?"
)
_PARAMETER = re.compile(r";([^;=]+)=([^;]*)")
_OF_A_LOGIN = re.compile(r"auth|token|secret|password|credential|cookie|key$", re.IGNORECASE)


def _heap(value: str) -> str:
    if not _HEAP.fullmatch(value):
        raise ValueError(errors.not_a_heap())
    return value


def _remote(value: SecretStr) -> SecretStr:
    match = _REMOTE.fullmatch(value.get_secret_value())
    if not match:
        raise ValueError(errors.not_a_remote())
    parameters = dict(_PARAMETER.findall(value.get_secret_value()))
    # pyspark sends `token` under TLS alone, and any other parameter as a header.
    encrypted = parameters.pop("token", None) or parameters.get("use_ssl", "").lower() == "true"
    loopback = is_loopback(match["host"].strip("[]").lower())
    if not (encrypted or loopback) and any(_OF_A_LOGIN.search(name) for name in parameters):
        raise ValueError(errors.remote_in_the_clear())
    return value


Heap = Annotated[str, AfterValidator(_heap)]
Remote = Annotated[SecretStr, Trimmed, AfterValidator(_remote)]


def _default_engine(settled: dict[str, Any]) -> EngineKind:
    return EngineKind.RUNTIME if settled.get("runtime_version") else installed_engine()


@dataclass(frozen=True, kw_only=True)
class SparkSettings:
    """What an operator may set of Spark."""

    engine: Annotated[
        EngineKind,
        setting(
            "DQX_WORKER_ENGINE",
            "Place at which Spark runs: `local`, `connect`, `databricks` or `runtime`. See "
            "[engines.md](engines.md).",
            default_factory=_default_engine,
        ),
    ]
    remote: Annotated[
        Remote | None,
        setting(
            "SPARK_REMOTE", "Spark Connect server for the engine `connect`: `sc://host:15002`."
        ),
    ] = None
    spark_memory: Annotated[
        Heap, setting("DQX_WORKER_SPARK_MEMORY", "Heap size of the embedded Spark.")
    ] = "2g"
    keep_session: Annotated[
        Duration,
        setting(
            "DQX_WORKER_KEEP_SESSION",
            "Interval between queries that keep an idle Spark session alive. `0s` disables them.",
        ),
    ] = timedelta(minutes=5)
    stuck_threads: Annotated[
        NonNegativeInt,
        setting(
            "DQX_WORKER_STUCK_THREADS",
            "Maximum number of threads that hang in Spark or a file system and are replaced. With "
            "more of them the worker exits with code 12.",
        ),
    ] = 4
    kill_timeout: Annotated[
        PositiveDuration,
        setting(
            "DQX_WORKER_KILL_TIMEOUT",
            "Time for which tasks of a cancelled table may continue in Spark. Then the JVM of "
            "`local` is replaced.",
        ),
    ] = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class SparkOptions(SparkSettings):
    """The options of the room of Spark."""

    workspace: WorkspaceOptions = field(default_factory=WorkspaceOptions)
    """Whose compute the engine `databricks` works on."""
