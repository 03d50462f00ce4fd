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
from worker.profiling.engines.extras import installed_engine
from worker.profiling.options import CSV_NULLS, EngineKind, ProfilerChoice
from worker.profiling.profile import Sampling
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
        description="Where Postgres is; required unless a LAKEBASE_ variable is set.",
    )
    port: int = Field(
        5432,
        validation_alias=_named("PGPORT", "POSTGRES_PORT"),
        gt=0,
        le=65535,
        description="Its port.",
    )
    database: str = Field(
        validation_alias=_named("PGDATABASE", "POSTGRES_DB"), description="The backend's database."
    )
    backend_schema: str = Field(
        "public",
        validation_alias=_named("PGSCHEMA", "POSTGRES_DB_SCHEMA"),
        max_length=_IDENTIFIER,
        description="The Postgres schema that holds the backend's tables.",
    )
    user: Name | None = Field(
        None,
        validation_alias=_named("PGUSER", "POSTGRES_USER"),
        description="The worker's own role; required unless a LAKEBASE_ variable is set.",
    )
    password: Secret = Field(
        SecretStr(""),
        validation_alias=_named("PGPASSWORD", "POSTGRES_PASSWORD"),
        description="Its password.",
    )
    lakebase_endpoint: EndpointName | None = Field(
        None,
        validation_alias=_named("LAKEBASE_ENDPOINT"),
        description="Log in to this endpoint with tokens: `projects/…/branches/…/endpoints/…`.",
    )
    lakebase_instance: LakebaseName | None = Field(
        None,
        validation_alias=_named("LAKEBASE_INSTANCE_NAME"),
        description=(
            "Log in with tokens to this instance, the older kind, by its name; to the read-write "
            "endpoint of a branch, `projects/…/branches/…`; or to an endpoint."
        ),
    )
    token_user: Name | None = Field(
        None,
        validation_alias=_named("PGUSER"),
        description="With tokens the role, where it is not the workspace's name for the worker.",
    )
    ssl: TlsMode | None = Field(
        None,
        validation_alias=_named("PGSSLMODE"),
        description="TLS in libpq's words; else `prefer`, with tokens `verify-full`.",
    )
    ca_file: str | None = Field(
        None,
        validation_alias=_named("PGSSLROOTCERT"),
        description="The certificate authorities: a PEM file, or `system`.",
    )
    databricks_host: WorkspaceAddress | None = Field(
        None,
        validation_alias=_named("DATABRICKS_HOST"),
        description="The workspace that gives tokens, and that DQX reports to.",
    )
    databricks_profile: str | None = Field(
        None,
        validation_alias=_named("DATABRICKS_CONFIG_PROFILE"),
        description="A profile of `.databrickscfg` that names it instead.",
    )
    databricks_client_id: Name | None = Field(
        None,
        validation_alias=_named("DATABRICKS_CLIENT_ID"),
        description="The service principal that the worker is; the SDK reads other DATABRICKS_*.",
    )
    databricks_client_secret: Secret | None = Field(
        None,
        validation_alias=_named("DATABRICKS_CLIENT_SECRET"),
        description="Its OAuth secret.",
    )
    databricks_token: Secret | None = Field(
        None,
        validation_alias=_named("DATABRICKS_TOKEN"),
        description="A personal access token instead of both.",
    )
    databricks_auth_type: str | None = Field(
        None,
        validation_alias=_named("DATABRICKS_AUTH_TYPE"),
        description="Which way to log in, where several are set: `oauth-m2m`, `pat`, …",
    )
    databricks_cluster_id: str | None = Field(
        None,
        validation_alias=_named("DATABRICKS_CLUSTER_ID"),
        description="The cluster of the engine `databricks`.",
    )
    databricks_serverless: Literal["auto"] | None = Field(
        None,
        validation_alias=_named("DATABRICKS_SERVERLESS_COMPUTE_ID"),
        description="`auto`: serverless compute instead.",
    )
    remote: Remote | None = Field(
        None,
        validation_alias=_named("SPARK_REMOTE"),
        description="The Spark Connect server of the engine `connect`: `sc://host:15002`.",
    )
    secrets: DirectoryPath | None = Field(
        None,
        validation_alias=_named("DQX_WORKER_SECRETS"),
        description="A folder of files, each named as a variable and holding its value.",
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
        description="Let `run` and `job` bring that schema up to date.",
    )
    grant_to: Names = Field(
        (),
        validation_alias=_named("DQX_WORKER_GRANT_TO"),
        description=(
            "Roles of the backend, separated by commas, that may write options of a run and read "
            "its progress; `migrate` and DQX_WORKER_MIGRATE grant them these rights."
        ),
    )
    runtime_version: str | None = Field(
        None,
        validation_alias=_named("DATABRICKS_RUNTIME_VERSION"),
        description="Set by Databricks in its jobs, where the default engine is `runtime`.",
    )
    engine: EngineKind = Field(
        default_factory=_default_engine,
        validation_alias=_named("DQX_WORKER_ENGINE"),
        description="Where Spark runs: `local`, `connect`, `databricks` or `runtime`: see Engines.",
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
        description="Maximum number of tables in work at once, over all runs. The others wait as "
        "`pending`; their deadlines have not begun.",
    )
    runs_per_contract: int = Field(
        2,
        validation_alias=_named("DQX_WORKER_RUNS_PER_CONTRACT"),
        gt=0,
        le=64,
        description="Runs of one contract at once.",
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
    max_attempts: int = Field(
        3,
        validation_alias=_named("DQX_WORKER_MAX_ATTEMPTS"),
        gt=0,
        le=100,
        description="How often a run is tried that kills its worker, or can't be done for now.",
    )
    back_off: Duration = Field(
        timedelta(seconds=30),
        validation_alias=_named("DQX_WORKER_BACK_OFF"),
        ge=timedelta(0),
        description=(
            "How long a run waits for its third try (the second comes at once); doubled for each "
            "further one, at most 1 h."
        ),
    )
    table_deadline: Duration = Field(
        timedelta(minutes=30),
        validation_alias=_named("DQX_WORKER_TABLE_DEADLINE"),
        gt=timedelta(0),
        description="For reading and profiling one table, before Spark is interrupted.",
    )
    run_deadline: Duration = Field(
        timedelta(hours=2),
        validation_alias=_named("DQX_WORKER_RUN_DEADLINE"),
        gt=timedelta(0),
        description="For one try at a run, before it ends failed.",
    )
    stuck_threads: int = Field(
        4,
        validation_alias=_named("DQX_WORKER_STUCK_THREADS"),
        ge=0,
        description=(
            "Threads that hang in Spark or files and are replaced; beyond, the worker ends with 12."
        ),
    )
    kill_timeout: Duration = Field(
        timedelta(seconds=30),
        validation_alias=_named("DQX_WORKER_KILL_TIMEOUT"),
        gt=timedelta(0),
        description=(
            "How long tasks of a cancelled table may go on in Spark; then the JVM of `local` is "
            "replaced."
        ),
    )
    keep_session: Duration = Field(
        timedelta(minutes=5),
        validation_alias=_named("DQX_WORKER_KEEP_SESSION"),
        ge=timedelta(0),
        description="How often an idle Spark session gets a query, lest it time out; `0s`: never.",
    )
    end_patience: Duration = Field(
        timedelta(minutes=2),
        validation_alias=_named("DQX_WORKER_END_PATIENCE"),
        gt=timedelta(0),
        description="How long an end that Postgres refuses is retried before the run is stuck.",
    )
    cancelled_status: Literal["failed", "cancelled"] = Field(
        "failed",
        validation_alias=_named("DQX_WORKER_CANCELLED_STATUS"),
        description="What `cancel` sets a run to; `cancelled` for a backend that knows it.",
    )
    keep_runs: Duration = Field(
        timedelta(days=30),
        validation_alias=_named("DQX_WORKER_KEEP_RUNS"),
        ge=timedelta(0),
        description="How long attempts and progress of ended runs are kept.",
    )
    keep_workers: Duration = Field(
        timedelta(days=7),
        validation_alias=_named("DQX_WORKER_KEEP_WORKERS"),
        ge=timedelta(minutes=10),
        description="How long workers that are gone are kept.",
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
        description=(
            "How long a worker leaves a new request alone after it first saw it, for a backend "
            "that still launches jobs."
        ),
    )
    idle: Literal["poll", "sleep"] = Field(
        "poll",
        validation_alias=_named("DQX_WORKER_IDLE"),
        description="`sleep` lets a database that scales to zero do so: see Lakebase.",
    )
    idle_after: Duration = Field(
        timedelta(minutes=10),
        validation_alias=_named("DQX_WORKER_IDLE_AFTER"),
        gt=timedelta(0),
        description="With `sleep`: without work for so long, every connection is closed.",
    )
    idle_interval: Duration = Field(
        timedelta(minutes=10),
        validation_alias=_named("DQX_WORKER_IDLE_INTERVAL"),
        gt=timedelta(0),
        description="With `sleep`: then between two looks for requests.",
    )
    max_request_age: Duration = Field(
        timedelta(hours=24),
        validation_alias=_named("DQX_WORKER_MAX_REQUEST_AGE"),
        gt=timedelta(0),
        description=(
            "How long a request may wait after a worker first saw it; then it ends failed, "
            "unless it was begun."
        ),
    )
    max_schemas: int = Field(
        200,
        validation_alias=_named("DQX_WORKER_MAX_SCHEMAS"),
        gt=0,
        description="Schemas that one request may name.",
    )
    profiler: ProfilerChoice = Field(
        ProfilerChoice.AUTO,
        validation_alias=_named("DQX_WORKER_PROFILER"),
        description=(
            "Who counts what DQX decides by: `fast`, the worker, and a table that it can't count "
            "fails; `stock`, DQX itself; `auto`, the worker, and DQX where it can't."
        ),
    )
    sampling: Literal[Sampling.STOCK, Sampling.REPRESENTATIVE] = Field(
        Sampling.REPRESENTATIVE,
        validation_alias=_named("DQX_WORKER_SAMPLING"),
        description=(
            "`representative`: random rows of the whole table; "
            "`stock`: the first ones of a random share, as DQX draws them."
        ),
    )
    sample_fraction: float = Field(
        0.1,
        validation_alias=_named("DQX_WORKER_SAMPLE_FRACTION"),
        gt=0,
        le=1,
        description="With `stock`: the share of a table's rows that is drawn.",
    )
    sample_limit: int = Field(
        5000,
        validation_alias=_named("DQX_WORKER_SAMPLE_LIMIT"),
        ge=0,
        le=JAVA_INT_MAX,
        description="Rows at most; a table of at most this many is read whole. 0: every table is.",
    )
    sample_seed: Seed = Field(
        42, validation_alias=_named("DQX_WORKER_SAMPLE_SEED"), description="The sample's seed."
    )
    sample_bytes: ByteSize = Field(
        ByteSize(100_000_000),
        validation_alias=_named("DQX_WORKER_SAMPLE_BYTES"),
        gt=0,
        description=(
            "The largest sample that is fetched: `100MB`; Spark counts larger ones itself. The "
            "rows that rules are tried on take as much again at most."
        ),
    )
    personal: Names = Field(
        (
            *("pii", "phi", "personal", "personally identifiable", "sensitive", "gdpr"),
            *("restricted", "confidential"),
        ),
        validation_alias=_named("DQX_WORKER_PERSONAL"),
        description=(
            "Words, separated by commas. If a property's classification or options contain one of "
            "them, no value of that column is published; if a schema object's tags do, of none of "
            "its columns. To publish values of columns that are merely confidential or restricted, "
            "set the list without these two words."
        ),
    )
    criticality: Literal["error", "warn"] = Field(
        "error",
        validation_alias=_named("DQX_WORKER_CRITICALITY"),
        description=(
            "Criticality of the checks that are suggested: `error` or `warn`. A check that repeats "
            "or changes an accepted rule has that of the rule."
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
            "Suggest a rule also where it rejects values that the list for its column allows, as "
            "stock DQX."
        ),
    )
    min_rows: int = Field(
        30,
        validation_alias=_named("DQX_WORKER_MIN_ROWS"),
        ge=0,
        description=(
            "Number of rows with a value that a column needs, among those that are looked at, to "
            "get a range or a list. If only 28 rows pass, up to a tenth of all rows may fail (with "
            "95 % confidence)."
        ),
    )
    max_suggestions: int = Field(
        500,
        validation_alias=_named("DQX_WORKER_MAX_SUGGESTIONS"),
        gt=0,
        description=(
            "Number of suggestions that a run makes for one table: the first of each column, then "
            "the second of each. The others are in `held_back`."
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
            "Texts that mean null in a CSV file, separated by commas; pandas reads the same. What "
            "was found of them is counted for each column in `summary_stats`."
        ),
    )
    max_files: int = Field(
        100_000,
        validation_alias=_named("DQX_WORKER_MAX_FILES"),
        gt=0,
        description="Files and folders that a folder which is profiled as one table may hold.",
    )
    spark_memory: Heap = Field(
        "2g",
        validation_alias=_named("DQX_WORKER_SPARK_MEMORY"),
        description="The heap of the embedded Spark.",
    )
    summary_limit: int = Field(
        50_000,
        validation_alias=_named("DQX_WORKER_SUMMARY_LIMIT"),
        ge=1000,
        description=(
            "Maximum size of a run's `summary_stats` in bytes; the least useful statistics are "
            "left out first."
        ),
    )
    pool_size: int = Field(
        10,
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
    start_patience: Duration = Field(
        timedelta(minutes=5),
        validation_alias=_named("DQX_WORKER_START_PATIENCE"),
        ge=timedelta(0),
        description=(
            "How long `run` and `job` wait at their start for a Postgres that is away, and for a "
            "database token that can't be had; `0s`: not at all."
        ),
    )
    connection_age: Duration = Field(
        timedelta(hours=12),
        validation_alias=_named("DQX_WORKER_CONNECTION_AGE"),
        gt=timedelta(0),
        le=timedelta(hours=60),
        description="Older connections are replaced; Lakebase ends them after three days.",
    )
    app_port: int | None = Field(
        None,
        validation_alias=_named("DATABRICKS_APP_PORT"),
        gt=0,
        le=65535,
        description="Set by Databricks in its apps: the port of the probes, on every address.",
    )
    probes: Address = Field(
        default_factory=_default_probes,
        validation_alias=_named("DQX_WORKER_PROBES"),
        description="Where `run` serves /livez and /readyz: `host:port`, or `off`.",
    )
    log_level: LogLevel = Field(
        LogLevel.INFO,
        validation_alias=_named("DQX_WORKER_LOG_LEVEL"),
        description="`debug`, `info`, `warning` or `error`.",
    )
    log_format: LogFormat = Field(
        LogFormat.AUTO,
        validation_alias=_named("DQX_WORKER_LOG_FORMAT"),
        description="`json`, `console`, or `auto`: console on a terminal.",
    )

    @property
    def uses_token(self) -> bool:
        """Whether Postgres is entered with tokens instead of a static password."""
        return self.lakebase_endpoint is not None or self.lakebase_instance is not None


def variables(field: str) -> list[str]:
    """Return the variables of a setting, the one that counts first."""
    alias = Settings.model_fields[field].validation_alias
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else []
