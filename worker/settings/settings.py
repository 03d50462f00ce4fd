"""Every setting: its variables, its default, its meaning; and the options that they make.

The backend's own names work as they are (POSTGRES_*), so do the platform's (PG*); where both
are set the backend's count. The worker's own names begin with DQX_WORKER_.
"""

import os
import socket
from datetime import timedelta
from typing import Any, Literal
from uuid import uuid4

from pydantic import AliasChoices, ByteSize, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from worker.attempt.options import AttemptOptions
from worker.credentials.static import StaticPassword
from worker.database.options import DatabaseOptions
from worker.process.options import WorkerOptions
from worker.profiling.options import EngineKind, ProfilingOptions
from worker.queue.options import QueueOptions
from worker.settings.values import Duration, Heap, Names, Paths
from worker.telemetry.logs import LogFormat
from worker.workspace.options import WorkspaceOptions

__all__ = ["PREFIX", "Settings", "variables"]

PREFIX = "DQX_WORKER_"
_IDENTIFIER = 63
"""Characters: Postgres cuts longer names."""


def _named(*names: str) -> Any:
    return AliasChoices(*names)


class Settings(BaseSettings):
    """Every setting with its variable, its default and its meaning."""

    model_config = SettingsConfigDict(
        case_sensitive=True, extra="ignore", env_ignore_empty=True, frozen=True
    )

    host: str = Field(
        validation_alias=_named("POSTGRES_HOST", "PGHOST"), description="Where Postgres is."
    )
    port: int = Field(
        5432,
        validation_alias=_named("POSTGRES_PORT", "PGPORT"),
        gt=0,
        le=65535,
        description="Its port.",
    )
    database: str = Field(
        validation_alias=_named("POSTGRES_DB", "PGDATABASE"), description="The backend's database."
    )
    backend_schema: str = Field(
        "public",
        validation_alias=_named("POSTGRES_DB_SCHEMA"),
        max_length=_IDENTIFIER,
        description="The Postgres schema that holds the backend's tables.",
    )
    user: str = Field(
        validation_alias=_named("POSTGRES_USER", "PGUSER"), description="The worker's own role."
    )
    password: SecretStr = Field(
        SecretStr(""),
        validation_alias=_named("POSTGRES_PASSWORD", "PGPASSWORD"),
        description="Its password.",
    )
    ssl: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = Field(
        "prefer",
        validation_alias=_named("PGSSLMODE"),
        description="TLS to Postgres, in libpq's words.",
    )
    databricks_host: str | None = Field(
        None,
        validation_alias=_named("DATABRICKS_HOST", "DATABRICKS_CONFIG_PROFILE"),
        description="The workspace that DQX reports to; the SDK reads the other DATABRICKS_*.",
    )
    own_schema: str = Field(
        "dqx_worker",
        validation_alias=_named("DQX_WORKER_SCHEMA"),
        max_length=_IDENTIFIER,
        description="The Postgres schema of the worker's own tables.",
    )
    migrate: bool = Field(
        False,
        validation_alias=_named("DQX_WORKER_MIGRATE"),
        description="Let `run` bring that schema up to date.",
    )
    engine: EngineKind = Field(
        EngineKind.LOCAL,
        validation_alias=_named("DQX_WORKER_ENGINE"),
        description="Where Spark runs.",
    )
    roots: Paths = Field(
        (),
        validation_alias=_named("DQX_WORKER_ROOTS"),
        description="Folders below which files may be profiled, separated like PATH.",
    )
    tables: Names = Field(
        ("*",),
        validation_alias=_named("DQX_WORKER_TABLES"),
        description="Tables that may be profiled, such as `main.sales.*`, separated by commas.",
    )
    slots: int = Field(
        2, validation_alias=_named("DQX_WORKER_SLOTS"), gt=0, le=64, description="Runs at once."
    )
    tables_at_once: int = Field(
        4,
        validation_alias=_named("DQX_WORKER_TABLES_AT_ONCE"),
        gt=0,
        le=64,
        description="Tables at once, over all runs: the threads that call Spark.",
    )
    poll_interval: Duration = Field(
        timedelta(seconds=2),
        validation_alias=_named("DQX_WORKER_POLL_INTERVAL"),
        ge=timedelta(milliseconds=50),
        description="Between two looks for requests; three times that after a minute in vain.",
    )
    lease: Duration = Field(
        timedelta(seconds=15),
        validation_alias=_named("DQX_WORKER_LEASE"),
        ge=timedelta(seconds=3),
        le=timedelta(hours=1),
        description="How long a worker may be silent before its runs are another's.",
    )
    grace: Duration = Field(
        timedelta(seconds=15),
        validation_alias=_named("DQX_WORKER_GRACE"),
        ge=timedelta(seconds=6),
        description="From SIGTERM to the end of the process; the last 5 s are for giving back.",
    )
    claim_delay: Duration = Field(
        timedelta(0),
        validation_alias=_named("DQX_WORKER_CLAIM_DELAY"),
        ge=timedelta(0),
        description="The least age of a request, for a backend that still launches jobs.",
    )
    max_request_age: Duration = Field(
        timedelta(hours=24),
        validation_alias=_named("DQX_WORKER_MAX_REQUEST_AGE"),
        gt=timedelta(0),
        description="Older requests that were never begun end failed.",
    )
    max_schemas: int = Field(
        200,
        validation_alias=_named("DQX_WORKER_MAX_SCHEMAS"),
        gt=0,
        description="Schemas that one request may name.",
    )
    sample_fraction: float = Field(
        0.1,
        validation_alias=_named("DQX_WORKER_SAMPLE_FRACTION"),
        gt=0,
        le=1,
        description="The share of a table's rows that is looked at.",
    )
    sample_limit: int = Field(
        5000,
        validation_alias=_named("DQX_WORKER_SAMPLE_LIMIT"),
        gt=0,
        description="Rows at most; a table of at most this many is read whole.",
    )
    sample_seed: int = Field(
        42, validation_alias=_named("DQX_WORKER_SAMPLE_SEED"), description="The sample's seed."
    )
    sample_bytes: ByteSize = Field(
        ByteSize(100_000_000),
        validation_alias=_named("DQX_WORKER_SAMPLE_BYTES"),
        gt=0,
        description="The size of these rows at most, such as `100MB`; of larger ones fewer.",
    )
    max_columns: int = Field(
        2000,
        validation_alias=_named("DQX_WORKER_MAX_COLUMNS"),
        gt=0,
        description="Columns that a table may have.",
    )
    spark_memory: Heap = Field(
        "2g",
        validation_alias=_named("DQX_WORKER_SPARK_MEMORY"),
        description="The heap of the embedded Spark.",
    )
    summary_limit: int = Field(
        1_000_000,
        validation_alias=_named("DQX_WORKER_SUMMARY_LIMIT"),
        ge=1000,
        description="Bytes of summary_stats at most.",
    )
    pool_size: int = Field(
        5,
        validation_alias=_named("DQX_WORKER_POOL_SIZE"),
        gt=0,
        le=100,
        description="Connections to Postgres; the heartbeat has one more.",
    )
    connect_timeout: Duration = Field(
        timedelta(seconds=30),
        validation_alias=_named("DQX_WORKER_CONNECT_TIMEOUT"),
        gt=timedelta(0),
        description="For opening a connection or getting one of the pool.",
    )
    log_format: LogFormat = Field(
        LogFormat.AUTO,
        validation_alias=_named("DQX_WORKER_LOG_FORMAT"),
        description="`json`, `console`, or `auto`: console on a terminal.",
    )

    def database_options(self) -> DatabaseOptions:
        """Return the options of the database room."""
        return DatabaseOptions(
            host=self.host,
            port=self.port,
            database=self.database,
            ssl=self.ssl,
            backend_schema=self.backend_schema,
            own_schema=self.own_schema,
            pool_size=self.pool_size,
            application_name="dqx-worker",
            connect_timeout=self.connect_timeout,
            statement_timeout=self.lease * 0.4,
            idle_in_transaction_timeout=self.lease * 0.4,
            lock_timeout=timedelta(milliseconds=500),
        )

    def password_source(self) -> StaticPassword:
        """Return what the pool asks for a password."""
        return StaticPassword(self.user, self.password)

    def worker_options(self) -> WorkerOptions:
        """Return the options of one worker process, with a name that no other process has."""
        return WorkerOptions(
            database=self.database_options(),
            passwords=self.password_source(),
            queue=QueueOptions(
                worker=f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}",
                engine=self.engine,
                slots=self.slots,
                lease=self.lease,
                claim_delay=self.claim_delay,
                poll_interval=self.poll_interval,
            ),
            profiling=ProfilingOptions(
                engine=self.engine,
                tables=self.tables,
                roots=self.roots,
                at_once=self.tables_at_once,
                sample_fraction=self.sample_fraction,
                sample_limit=self.sample_limit,
                sample_seed=self.sample_seed,
                sample_bytes=self.sample_bytes,
                max_columns=self.max_columns,
                spark_memory=self.spark_memory,
            ),
            workspace=WorkspaceOptions(configured=self.databricks_host is not None),
            attempt=AttemptOptions(
                max_request_age=self.max_request_age,
                max_schemas=self.max_schemas,
                summary_limit=self.summary_limit,
            ),
            migrate=self.migrate,
            grace=self.grace,
        )


def variables(field: str) -> list[str]:
    """Return the variables of a setting, the one that counts first."""
    alias = Settings.model_fields[field].validation_alias
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else []
