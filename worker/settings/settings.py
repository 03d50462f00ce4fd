"""Every setting: its variables, its default, its meaning.

The backend's own names work as they are (PG*, POSTGRES_*), and so do the platform's (LAKEBASE_*,
DATABRICKS_*). If both PG* and POSTGRES_* are set, PG* count, as they do for the backend. The
worker's own names begin with DQX_WORKER_.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, ByteSize, DirectoryPath, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from worker.checks.options import known_functions
from worker.database.options import TlsMode
from worker.profiling.dqx_options import JAVA_INT_MAX, DqxOptions, Seed
from worker.profiling.options import ProfilerChoice
from worker.profiling.results import Sampling
from worker.settings.values import (
    Address,
    Duration,
    EndpointName,
    Heap,
    Host,
    LakebaseName,
    Name,
    Names,
    Paths,
    Remote,
    Secret,
    WorkspaceAddress,
)
from worker.spark.installed_extra import installed_engine
from worker.spark.options import EngineKind
from worker.tables.options import CSV_NULLS
from worker.telemetry.logs import LogFormat, LogLevel

__all__ = ["PREFIX", "Settings", "variables"]

PREFIX = "DQX_WORKER_"
_IDENTIFIER = 63
"""Characters: Postgres cuts longer names."""


def _named(*names: str) -> Any:
    return AliasChoices(*names)


def _default_engine(settled: dict[str, Any]) -> EngineKind:
    return EngineKind.RUNTIME if settled.get("runtime_version") else installed_engine()


def _default_probes(settled: dict[str, Any]) -> str:
    port = settled.get("app_port")
    return f"0.0.0.0:{port}" if port else "127.0.0.1:8686"


class Settings(BaseSettings):
    """Every setting with its variable, its default and its meaning."""

    model_config = SettingsConfigDict(
        case_sensitive=True, extra="ignore", env_ignore_empty=True, frozen=True
    )

    host: Host | None = Field(
        None,
        validation_alias=_named("PGHOST", "POSTGRES_HOST"),
        description="Host of Postgres. Required unless a LAKEBASE_ variable is set.",
    )
    port: int = Field(
        5432,
        validation_alias=_named("PGPORT", "POSTGRES_PORT"),
        gt=0,
        le=65535,
        description="Port of Postgres.",
    )
    database: str = Field(
        validation_alias=_named("PGDATABASE", "POSTGRES_DB"),
        description="Name of the backend's database.",
    )
    backend_schema: str = Field(
        "public",
        validation_alias=_named("PGSCHEMA", "POSTGRES_DB_SCHEMA"),
        max_length=_IDENTIFIER,
        description="Postgres schema that holds the backend's tables.",
    )
    user: Name | None = Field(
        None,
        validation_alias=_named("PGUSER", "POSTGRES_USER"),
        description="The worker's Postgres role. Required unless a LAKEBASE_ variable is set.",
    )
    password: Secret = Field(
        SecretStr(""),
        validation_alias=_named("PGPASSWORD", "POSTGRES_PASSWORD"),
        description="Password of that role.",
    )
    lakebase_endpoint: EndpointName | None = Field(
        None,
        validation_alias=_named("LAKEBASE_ENDPOINT"),
        description=(
            "Lakebase endpoint to log in to with tokens: `projects/…/branches/…/endpoints/…`."
        ),
    )
    lakebase_instance: LakebaseName | None = Field(
        None,
        validation_alias=_named("LAKEBASE_INSTANCE_NAME"),
        description=(
            "Lakebase database to log in to with tokens: the name of a provisioned instance, a "
            "branch (`projects/…/branches/…`, of which the read-write endpoint is used), or an "
            "endpoint."
        ),
    )
    token_user: Name | None = Field(
        None,
        validation_alias=_named("PGUSER"),
        description=(
            "Postgres role for a login with tokens. The default is the name by which the "
            "workspace knows the worker."
        ),
    )
    ssl: TlsMode | None = Field(
        None,
        validation_alias=_named("PGSSLMODE"),
        description=(
            "TLS mode, as in libpq. The default is `prefer`, and `verify-full` with tokens."
        ),
    )
    ca_file: str | None = Field(
        None,
        validation_alias=_named("PGSSLROOTCERT"),
        description="Trusted certificate authorities: a PEM file, or `system`.",
    )
    databricks_host: WorkspaceAddress | None = Field(
        None,
        validation_alias=_named("DATABRICKS_HOST"),
        description=(
            "Address of the Databricks workspace that issues tokens and that DQX reports to."
        ),
    )
    databricks_profile: str | None = Field(
        None,
        validation_alias=_named("DATABRICKS_CONFIG_PROFILE"),
        description="Profile of `.databrickscfg` that names the workspace instead.",
    )
    databricks_client_id: Name | None = Field(
        None,
        validation_alias=_named("DATABRICKS_CLIENT_ID"),
        description=(
            "Application id of the worker's service principal. The Databricks SDK reads the other"
            " DATABRICKS_ variables."
        ),
    )
    databricks_client_secret: Secret | None = Field(
        None,
        validation_alias=_named("DATABRICKS_CLIENT_SECRET"),
        description="OAuth secret of the service principal.",
    )
    databricks_token: Secret | None = Field(
        None,
        validation_alias=_named("DATABRICKS_TOKEN"),
        description="Personal access token, instead of a service principal.",
    )
    databricks_auth_type: str | None = Field(
        None,
        validation_alias=_named("DATABRICKS_AUTH_TYPE"),
        description="Login method, if several are configured: `oauth-m2m`, `pat`, …",
    )
    databricks_cluster_id: str | None = Field(
        None,
        validation_alias=_named("DATABRICKS_CLUSTER_ID"),
        description="Cluster for the engine `databricks`.",
    )
    databricks_serverless: Literal["auto"] | None = Field(
        None,
        validation_alias=_named("DATABRICKS_SERVERLESS_COMPUTE_ID"),
        description="`auto` selects serverless compute instead of a cluster.",
    )
    remote: Remote | None = Field(
        None,
        validation_alias=_named("SPARK_REMOTE"),
        description="Spark Connect server for the engine `connect`: `sc://host:15002`.",
    )
    secrets: DirectoryPath | None = Field(
        None,
        validation_alias=_named("DQX_WORKER_SECRETS"),
        description="Folder of files, each of which is named as a variable and holds its value.",
    )
    own_schema: str = Field(
        "dqx_worker",
        validation_alias=_named("DQX_WORKER_SCHEMA"),
        max_length=_IDENTIFIER,
        description="Postgres schema of the worker's own tables.",
    )
    migrate: bool = Field(
        False,
        validation_alias=_named("DQX_WORKER_MIGRATE"),
        description="Whether `run` and `job` migrate that schema when they start.",
    )
    grant_to: Names = Field(
        (),
        validation_alias=_named("DQX_WORKER_GRANT_TO"),
        description=(
            "Backend roles, separated by commas, that may write the options of a run and read its"
            " progress. `migrate` and DQX_WORKER_MIGRATE grant these rights."
        ),
    )
    runtime_version: str | None = Field(
        None,
        validation_alias=_named("DATABRICKS_RUNTIME_VERSION"),
        description="Set by Databricks in its jobs; the default engine is `runtime` there.",
    )
    engine: EngineKind = Field(
        default_factory=_default_engine,
        validation_alias=_named("DQX_WORKER_ENGINE"),
        description=(
            "Place at which Spark runs: `local`, `connect`, `databricks` or `runtime`. See "
            "[engines.md](engines.md)."
        ),
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
        2,
        validation_alias=_named("DQX_WORKER_SLOTS"),
        gt=0,
        le=64,
        description="Maximum number of runs at once.",
    )
    tables_at_once: int = Field(
        4,
        validation_alias=_named("DQX_WORKER_TABLES_AT_ONCE"),
        gt=0,
        le=64,
        description=(
            "Maximum number of tables in work at once, over all runs. The others wait as "
            "`pending`, and their deadlines have not begun."
        ),
    )
    runs_per_contract: int = Field(
        2,
        validation_alias=_named("DQX_WORKER_RUNS_PER_CONTRACT"),
        gt=0,
        le=64,
        description="Maximum number of runs of one contract at once.",
    )
    poll_interval: Duration = Field(
        timedelta(seconds=2),
        validation_alias=_named("DQX_WORKER_POLL_INTERVAL"),
        ge=timedelta(milliseconds=50),
        description=(
            "Interval between two looks for requests. It triples after a minute without any."
        ),
    )
    lease: Duration = Field(
        timedelta(seconds=15),
        validation_alias=_named("DQX_WORKER_LEASE"),
        ge=timedelta(seconds=3),
        le=timedelta(hours=1),
        description=(
            "Time after which the runs of a silent worker are taken over by another worker."
        ),
    )
    max_attempts: int = Field(
        3,
        validation_alias=_named("DQX_WORKER_MAX_ATTEMPTS"),
        gt=0,
        le=100,
        description=(
            "Maximum number of attempts at a run that kills its worker or fails for a temporary "
            "reason."
        ),
    )
    back_off: Duration = Field(
        timedelta(seconds=30),
        validation_alias=_named("DQX_WORKER_BACK_OFF"),
        ge=timedelta(0),
        description=(
            "Wait before the third attempt at a run; the second begins at once. It doubles with "
            "each further attempt, up to 1 h."
        ),
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
    stuck_threads: int = Field(
        4,
        validation_alias=_named("DQX_WORKER_STUCK_THREADS"),
        ge=0,
        description=(
            "Maximum number of threads that hang in Spark or a file system and are replaced. With"
            " more of them the worker exits with code 12."
        ),
    )
    kill_timeout: Duration = Field(
        timedelta(seconds=30),
        validation_alias=_named("DQX_WORKER_KILL_TIMEOUT"),
        gt=timedelta(0),
        description=(
            "Time for which tasks of a cancelled table may continue in Spark. Then the JVM of "
            "`local` is replaced."
        ),
    )
    keep_session: Duration = Field(
        timedelta(minutes=5),
        validation_alias=_named("DQX_WORKER_KEEP_SESSION"),
        ge=timedelta(0),
        description=(
            "Interval between queries that keep an idle Spark session alive. `0s` disables them."
        ),
    )
    end_patience: Duration = Field(
        timedelta(minutes=2),
        validation_alias=_named("DQX_WORKER_END_PATIENCE"),
        gt=timedelta(0),
        description=(
            "Time for which the worker retries the end of a run that Postgres refuses. Then the "
            "run is stuck."
        ),
    )
    cancelled_status: Literal["failed", "cancelled"] = Field(
        "failed",
        validation_alias=_named("DQX_WORKER_CANCELLED_STATUS"),
        description=(
            "Status that `cancel` sets. Use `cancelled` only if the backend knows that status."
        ),
    )
    keep_runs: Duration = Field(
        timedelta(days=30),
        validation_alias=_named("DQX_WORKER_KEEP_RUNS"),
        ge=timedelta(0),
        description="Time for which the attempts and the progress of ended runs are kept.",
    )
    keep_workers: Duration = Field(
        timedelta(days=7),
        validation_alias=_named("DQX_WORKER_KEEP_WORKERS"),
        ge=timedelta(minutes=10),
        description="Time for which workers that have stopped are kept.",
    )
    grace: Duration = Field(
        timedelta(seconds=15),
        validation_alias=_named("DQX_WORKER_GRACE"),
        ge=timedelta(seconds=6),
        description=(
            "Time from SIGTERM to the end of the process. The last 5 s serve to give runs back."
        ),
    )
    claim_delay: Duration = Field(
        timedelta(0),
        validation_alias=_named("DQX_WORKER_CLAIM_DELAY"),
        ge=timedelta(0),
        description=(
            "Time for which a worker leaves a new request alone after it first saw it, for a "
            "backend that still launches jobs."
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
    profiler: ProfilerChoice = Field(
        ProfilerChoice.AUTO,
        validation_alias=_named("DQX_WORKER_PROFILER"),
        description=(
            "Program that computes the counts by which DQX decides: the worker (`fast`; a table "
            "that it cannot count fails), DQX itself (`stock`), or the worker and, for what it "
            "cannot count, DQX (`auto`)."
        ),
    )
    sampling: Literal[Sampling.STOCK, Sampling.REPRESENTATIVE] = Field(
        Sampling.REPRESENTATIVE,
        validation_alias=_named("DQX_WORKER_SAMPLING"),
        description=(
            "Rows that are sampled: `representative` takes random rows of the whole table, "
            "`stock` the first rows of a random share, as DQX does."
        ),
    )
    sample_fraction: float = Field(
        0.1,
        validation_alias=_named("DQX_WORKER_SAMPLE_FRACTION"),
        gt=0,
        le=1,
        description="With `stock`: share of a table's rows that is drawn.",
    )
    sample_limit: int = Field(
        5000,
        validation_alias=_named("DQX_WORKER_SAMPLE_LIMIT"),
        ge=0,
        le=JAVA_INT_MAX,
        description=(
            "Maximum number of rows in a sample. A table of at most this many rows is read whole."
            " With 0 every table is."
        ),
    )
    sample_seed: Seed = Field(
        42, validation_alias=_named("DQX_WORKER_SAMPLE_SEED"), description="Seed of the sample."
    )
    sample_bytes: ByteSize = Field(
        ByteSize(100_000_000),
        validation_alias=_named("DQX_WORKER_SAMPLE_BYTES"),
        gt=0,
        description=(
            "Maximum size of a sample that the worker fetches, such as `100MB`. Spark counts "
            "larger ones itself. The rows on which rules are tried may take as much again."
        ),
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
    profiler_options: DqxOptions = Field(
        DqxOptions(),
        validation_alias=_named("DQX_WORKER_PROFILER_OPTIONS"),
        description='DQX\'s own options for its profiler, as JSON: `{"max_null_ratio": 0}`.',
    )
    max_columns: int = Field(
        2000,
        validation_alias=_named("DQX_WORKER_MAX_COLUMNS"),
        gt=0,
        description="Maximum number of columns of a table. Each field of a struct is a column.",
    )
    csv_nulls: Names = Field(
        CSV_NULLS,
        validation_alias=_named("DQX_WORKER_CSV_NULLS"),
        description=(
            "Texts that mean null in a CSV file, separated by commas. The default is pandas' "
            "list. `summary_stats` counts for each column which of them were found."
        ),
    )
    max_files: int = Field(
        100_000,
        validation_alias=_named("DQX_WORKER_MAX_FILES"),
        gt=0,
        description=(
            "Maximum number of files and folders in a folder that is profiled as one table."
        ),
    )
    spark_memory: Heap = Field(
        "2g",
        validation_alias=_named("DQX_WORKER_SPARK_MEMORY"),
        description="Heap size of the embedded Spark.",
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
    pool_size: int = Field(
        10,
        validation_alias=_named("DQX_WORKER_POOL_SIZE"),
        gt=0,
        le=100,
        description="Number of connections to Postgres. The heartbeat has one more.",
    )
    connect_timeout: Duration = Field(
        timedelta(seconds=30),
        validation_alias=_named("DQX_WORKER_CONNECT_TIMEOUT"),
        gt=timedelta(0),
        description="Deadline for opening a connection or getting one from the pool.",
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
    connection_age: Duration = Field(
        timedelta(hours=12),
        validation_alias=_named("DQX_WORKER_CONNECTION_AGE"),
        gt=timedelta(0),
        le=timedelta(hours=60),
        description="Maximum age of a connection. Lakebase closes connections after three days.",
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

    @property
    def uses_token(self) -> bool:
        """Whether Postgres is entered with tokens instead of a static password."""
        return self.lakebase_endpoint is not None or self.lakebase_instance is not None


def variables(field: str) -> list[str]:
    """Return the variables of a setting, the one that counts first."""
    alias = Settings.model_fields[field].validation_alias
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else []
