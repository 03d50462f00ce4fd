"""Every setting: its variables, its default, its meaning.

The backend's own names work as they are (PG*, POSTGRES_*), and so do the platform's (LAKEBASE_*,
DATABRICKS_*). If both PG* and POSTGRES_* are set, PG* count, as they do for the backend. The
worker's own names begin with DQX_WORKER_.
"""

import json
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    DirectoryPath,
    Field,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from worker.checks.options import known_functions
from worker.credentials.options import CredentialSettings
from worker.database.options import DatabaseSettings
from worker.options.values import Address, Duration, Names
from worker.profiling.dqx_options import DqxOptions
from worker.profiling.options import ProfilingSettings
from worker.queue.options import QueueSettings, Retention
from worker.spark.options import SparkSettings
from worker.tables.options import TableSettings
from worker.telemetry.logs import LogFormat, LogLevel
from worker.workspace.options import WorkspaceSettings

__all__ = ["PREFIX", "Settings", "variables"]

PREFIX = "DQX_WORKER_"


def _named(*names: str) -> Any:
    return AliasChoices(*names)


def _from_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _default_probes(settled: dict[str, Any]) -> str:
    port = settled.get("app_port")
    return f"0.0.0.0:{port}" if port else "127.0.0.1:8686"


class Settings(
    BaseSettings,
    # The last of them comes first in `config`.
    Retention,
    QueueSettings,
    ProfilingSettings,
    TableSettings,
    SparkSettings,
    WorkspaceSettings,
    CredentialSettings,
    DatabaseSettings,
):
    """Every setting with its variable, its default and its meaning."""

    model_config = SettingsConfigDict(
        case_sensitive=True,
        enable_decoding=False,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    secrets: DirectoryPath | None = Field(
        None,
        validation_alias=_named("DQX_WORKER_SECRETS"),
        description="Folder of files, each of which is named as a variable and holds its value.",
    )
    migrate: bool = Field(
        False,
        validation_alias=_named("DQX_WORKER_MIGRATE"),
        description="Whether `run` and `job` migrate that schema when they start.",
    )
    table_deadline: Duration = Field(
        timedelta(minutes=30),
        validation_alias=_named("DQX_WORKER_TABLE_DEADLINE"),
        gt=timedelta(0),
        description="Deadline for reading and profiling one table. Then Spark is interrupted.",
    )
    run_deadline: Duration = Field(
        timedelta(hours=2),
        validation_alias=_named("DQX_WORKER_RUN_DEADLINE"),
        gt=timedelta(0),
        description="Deadline for one attempt at a run. Then the run ends as failed.",
    )
    grace: Duration = Field(
        timedelta(seconds=15),
        validation_alias=_named("DQX_WORKER_GRACE"),
        ge=timedelta(seconds=6),
        description=(
            "Time from SIGTERM to the end of the process. The last 5 s serve to give runs back."
        ),
    )
    idle: Literal["poll", "sleep"] = Field(
        "poll",
        validation_alias=_named("DQX_WORKER_IDLE"),
        description=(
            "Behaviour of an idle worker: `poll`, or `sleep`, which lets a database scale to "
            "zero. See [lakebase.md](lakebase.md)."
        ),
    )
    idle_after: Duration = Field(
        timedelta(minutes=10),
        validation_alias=_named("DQX_WORKER_IDLE_AFTER"),
        gt=timedelta(0),
        description="With `sleep`: time without work after which every connection is closed.",
    )
    idle_interval: Duration = Field(
        timedelta(minutes=10),
        validation_alias=_named("DQX_WORKER_IDLE_INTERVAL"),
        gt=timedelta(0),
        description="With `sleep`: interval between two looks for requests while asleep.",
    )
    max_request_age: Duration = Field(
        timedelta(hours=24),
        validation_alias=_named("DQX_WORKER_MAX_REQUEST_AGE"),
        gt=timedelta(0),
        description=(
            "Maximum age of a request, from when a worker first saw it. An older request that was"
            " never begun ends as failed."
        ),
    )
    max_schemas: int = Field(
        200,
        validation_alias=_named("DQX_WORKER_MAX_SCHEMAS"),
        gt=0,
        description="Maximum number of schemas in one request.",
    )
    personal: Names = Field(
        (
            *("pii", "phi", "personal", "personally identifiable", "sensitive", "gdpr"),
            *("restricted", "confidential"),
        ),
        validation_alias=_named("DQX_WORKER_PERSONAL"),
        description=(
            "Words, separated by commas. If a property's classification or options contain one of"
            " these words, no value of that column is published. If the tags of a schema object "
            "do, no value of any of its columns is. See "
            "[suggestions.md](suggestions.md#personal-data)."
        ),
    )
    criticality: Literal["error", "warn"] = Field(
        "error",
        validation_alias=_named("DQX_WORKER_CRITICALITY"),
        description=(
            "Criticality of suggested checks: `error` or `warn`. A check that repeats or changes "
            "an accepted rule has the criticality of that rule."
        ),
    )
    leave_out: Annotated[Names, AfterValidator(known_functions)] = Field(
        (),
        validation_alias=_named("DQX_WORKER_LEAVE_OUT"),
        description="Check functions that are not suggested, separated by commas: `is_in_list`.",
    )
    contradictions: bool = Field(
        False,
        validation_alias=_named("DQX_WORKER_CONTRADICTIONS"),
        description=(
            "Whether to suggest a rule that rejects values which the list for its column allows, "
            "as stock DQX does."
        ),
    )
    min_rows: int = Field(
        30,
        validation_alias=_named("DQX_WORKER_MIN_ROWS"),
        ge=0,
        description=(
            "Minimum number of sampled rows with a value that a column needs to get a range or a "
            "list. If only 28 rows pass, up to a tenth of all rows may fail (with 95 % "
            "confidence)."
        ),
    )
    max_suggestions: int = Field(
        500,
        validation_alias=_named("DQX_WORKER_MAX_SUGGESTIONS"),
        gt=0,
        description=(
            "Maximum number of suggestions that a run makes for one table: the first of each "
            "column, then the second of each. The others are in `held_back`."
        ),
    )
    rejected_change: float = Field(
        0.1,
        validation_alias=_named("DQX_WORKER_REJECTED_CHANGE"),
        ge=0,
        le=1,
        description=(
            "Share by which the subject of a rejected rule must have changed before the rule is "
            "suggested with other values: of the width of a range, or of the rows that a list "
            "refuses."
        ),
    )
    profiler_options: Annotated[DqxOptions, BeforeValidator(_from_json)] = Field(
        DqxOptions(),
        validation_alias=_named("DQX_WORKER_PROFILER_OPTIONS"),
        description='DQX\'s own options for its profiler, as JSON: `{"max_null_ratio": 0}`.',
    )
    summary_limit: int = Field(
        50_000,
        validation_alias=_named("DQX_WORKER_SUMMARY_LIMIT"),
        ge=1000,
        description=(
            "Maximum size of a run's `summary_stats` in bytes. The least useful statistics are "
            "left out first."
        ),
    )
    start_patience: Duration = Field(
        timedelta(minutes=5),
        validation_alias=_named("DQX_WORKER_START_PATIENCE"),
        ge=timedelta(0),
        description=(
            "Time for which `run` and `job` wait at their start for an unavailable Postgres or "
            "database token. With `0s` they do not wait."
        ),
    )
    app_port: int | None = Field(
        None,
        validation_alias=_named("DATABRICKS_APP_PORT"),
        gt=0,
        le=65535,
        description="Set by Databricks in its apps: port of the probes, on every address.",
    )
    probes: Address = Field(
        default_factory=_default_probes,
        validation_alias=_named("DQX_WORKER_PROBES"),
        description="Address of /livez and /readyz: `host:port`, or `off`.",
    )
    log_level: LogLevel = Field(
        LogLevel.INFO,
        validation_alias=_named("DQX_WORKER_LOG_LEVEL"),
        description=(
            "Lowest level of events that are logged: `debug`, `info`, `warning` or `error`."
        ),
    )
    log_format: LogFormat = Field(
        LogFormat.AUTO,
        validation_alias=_named("DQX_WORKER_LOG_FORMAT"),
        description=(
            "Format of the log: `json`, `console`, or `auto`, which is `console` on a terminal."
        ),
    )


def variables(field: str) -> list[str]:
    """Return the variables of a setting, the one that counts first."""
    alias = Settings.model_fields[field].validation_alias
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else []
