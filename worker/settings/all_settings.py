"""Every setting. Its variables, its default and its meaning stand in the options of its room.

The backend's own names work as they are (PG*, POSTGRES_*), and so do the platform's (LAKEBASE_*,
DATABRICKS_*) and OpenTelemetry's (OTEL_*). If both PG* and POSTGRES_* are set, PG* count, as they
do for the backend. The worker's own names begin with DQX_WORKER_.
"""

from typing import Annotated

from pydantic import AliasChoices, DirectoryPath
from pydantic_settings import BaseSettings, SettingsConfigDict

from worker.attempt.options import AttemptSettings
from worker.credentials.options import CredentialSettings
from worker.database.options import DatabaseSettings
from worker.options.setting import setting
from worker.probes.options import ProbeSettings
from worker.process.options import ProcessSettings
from worker.profiling.options import ProfilingSettings
from worker.queue.options import QueueSettings, Retention
from worker.spark.options import SparkSettings
from worker.suggestions.options import CheckOptions
from worker.tables.options import TableSettings
from worker.telemetry.logs import LogFormat, LogLevel
from worker.tracing.options import ExportSettings
from worker.workspace.options import WorkspaceSettings

__all__ = ["PREFIX", "Settings", "variables"]

PREFIX = "DQX_WORKER_"


class Settings(
    BaseSettings,
    # Their fields come from the last to the first: a default may depend on what comes before it.
    ExportSettings,
    ProbeSettings,
    ProcessSettings,
    CheckOptions,
    AttemptSettings,
    Retention,
    QueueSettings,
    ProfilingSettings,
    TableSettings,
    SparkSettings,
    WorkspaceSettings,
    CredentialSettings,
    DatabaseSettings,
):
    """The settings of all rooms, those of the process' log and of files with secrets among them."""

    model_config = SettingsConfigDict(
        case_sensitive=True,
        enable_decoding=False,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    secrets: Annotated[
        DirectoryPath | None,
        setting(
            "DQX_WORKER_SECRETS",
            "Folder of files, each of which is named as a variable and holds its value.",
        ),
    ] = None
    log_level: Annotated[
        LogLevel,
        setting(
            "DQX_WORKER_LOG_LEVEL",
            "Lowest level of events that are logged: `debug`, `info`, `warning` or `error`.",
        ),
    ] = LogLevel.INFO
    log_format: Annotated[
        LogFormat,
        setting(
            "DQX_WORKER_LOG_FORMAT",
            "Format of the log: `json`, `console`, or `auto`, which is `console` on a terminal.",
        ),
    ] = LogFormat.AUTO


def variables(field: str) -> list[str]:
    """Return the variables of a setting, the one that counts first."""
    alias = Settings.model_fields[field].validation_alias
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else []
