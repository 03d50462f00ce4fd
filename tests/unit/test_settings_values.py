import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.unit.environment import loaded, problems
from worker.sampling.dqx_options import DqxOptions
from worker.settings import ConfigurationError
from worker.settings.compose_options import credential_options, job_options, worker_options

BRANCH = "projects/p/branches/b"
ENDPOINT = f"{BRANCH}/endpoints/e"

# Variable, value, field, what it means: the least or most that is allowed, where there is such.
EVERY: list[tuple[str, str, str, Any]] = [
    ("POSTGRES_PORT", "65535", "port", 65535),
    ("POSTGRES_DB_SCHEMA", "backend", "backend_schema", "backend"),
    ("PGSCHEMA", "app_ontos", "backend_schema", "app_ontos"),
    ("PGSSLMODE", "verify-full", "ssl", "verify-full"),
    ("DATABRICKS_HOST", "https://w", "databricks_host", "https://w"),
    ("PGSSLROOTCERT", "system", "ca_file", "system"),
    ("LAKEBASE_ENDPOINT", ENDPOINT, "lakebase_endpoint", ENDPOINT),
    ("LAKEBASE_INSTANCE_NAME", "ontos", "lakebase_instance", "ontos"),
    ("LAKEBASE_INSTANCE_NAME", BRANCH, "lakebase_instance", BRANCH),
    ("LAKEBASE_INSTANCE_NAME", ENDPOINT, "lakebase_instance", ENDPOINT),
    ("PGUSER", "role", "token_user", "role"),
    ("DATABRICKS_CONFIG_PROFILE", "dev", "databricks_profile", "dev"),
    ("DATABRICKS_CLIENT_ID", "id", "databricks_client_id", "id"),
    ("DATABRICKS_CLIENT_SECRET", "s", "databricks_client_secret", SecretStr("s")),
    ("DATABRICKS_TOKEN", "s", "databricks_token", SecretStr("s")),
    ("DATABRICKS_AUTH_TYPE", "pat", "databricks_auth_type", "pat"),
    ("DATABRICKS_CLUSTER_ID", "0123-c", "databricks_cluster_id", "0123-c"),
    ("DATABRICKS_SERVERLESS_COMPUTE_ID", "auto", "databricks_serverless", "auto"),
    ("SPARK_REMOTE", "sc://[::1]:15002", "remote", SecretStr("sc://[::1]:15002")),
    ("DQX_WORKER_KEEP_SESSION", "0s", "keep_session", timedelta(0)),
    ("DQX_WORKER_SECRETS", "/", "secrets", Path("/")),
    ("DQX_WORKER_SCHEMA", "own", "own_schema", "own"),
    ("DQX_WORKER_MIGRATE", "true", "migrate", True),
    ("DQX_WORKER_ENGINE", "local", "engine", "local"),
    ("DQX_WORKER_SLOTS", "64", "slots", 64),
    ("DQX_WORKER_TABLES_AT_ONCE", "1", "tables_at_once", 1),
    ("DQX_WORKER_POLL_INTERVAL", "50ms", "poll_interval", timedelta(milliseconds=50)),
    ("DQX_WORKER_LEASE", "3s", "lease", timedelta(seconds=3)),
    ("DQX_WORKER_GRACE", "6s", "grace", timedelta(seconds=6)),
    ("DQX_WORKER_CLAIM_DELAY", "0s", "claim_delay", timedelta(0)),
    ("DQX_WORKER_MAX_REQUEST_AGE", "1ms", "max_request_age", timedelta(milliseconds=1)),
    ("DQX_WORKER_MAX_SCHEMAS", "1", "max_schemas", 1),
    ("DQX_WORKER_SAMPLE_FRACTION", "1", "sample_fraction", 1.0),
    ("DQX_WORKER_SAMPLE_LIMIT", "1", "sample_limit", 1),
    ("DQX_WORKER_SAMPLE_SEED", "-1", "sample_seed", -1),
    ("DQX_WORKER_SAMPLE_BYTES", "1.5kB", "sample_bytes", 1500),
    ("DQX_WORKER_PROFILER_OPTIONS", '{"round": true}', "profiler_options", DqxOptions(round=True)),
    ("DQX_WORKER_MAX_COLUMNS", "1", "max_columns", 1),
    ("DQX_WORKER_CSV_NULLS", "NA, -", "csv_nulls", ("NA", "-")),
    ("DQX_WORKER_MAX_FILES", "1", "max_files", 1),
    ("DQX_WORKER_SPARK_MEMORY", "512m", "spark_memory", "512m"),
    ("DQX_WORKER_SUMMARY_LIMIT", "1000", "summary_limit", 1000),
    ("DQX_WORKER_POOL_SIZE", "100", "pool_size", 100),
    ("DQX_WORKER_CONNECT_TIMEOUT", "1ms", "connect_timeout", timedelta(milliseconds=1)),
    ("DQX_WORKER_IDLE", "sleep", "idle", "sleep"),
    ("DQX_WORKER_IDLE_AFTER", "1ms", "idle_after", timedelta(milliseconds=1)),
    ("DQX_WORKER_IDLE_INTERVAL", "1ms", "idle_interval", timedelta(milliseconds=1)),
    ("DQX_WORKER_CONNECTION_AGE", "60h", "connection_age", timedelta(hours=60)),
    ("DQX_WORKER_LOG_LEVEL", "debug", "log_level", "debug"),
    ("DQX_WORKER_LOG_FORMAT", "json", "log_format", "json"),
]


@pytest.mark.parametrize(("variable", "text", "field", "value"), EVERY)
def test_every_variable_sets_its_field(
    environment: pytest.MonkeyPatch, variable: str, text: str, field: str, value: Any
) -> None:
    assert getattr(loaded(environment, **{variable: text}), field) == value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15s", 15), ("500ms", 0.5), ("1.5h", 5400), ("2m", 120), ("1d", 86400), (" 3 s ", 3)],
)
def test_a_duration_is_a_number_with_a_unit(
    environment: pytest.MonkeyPatch, text: str, seconds: float
) -> None:
    settings = loaded(environment, DQX_WORKER_CLAIM_DELAY=text, DQX_WORKER_MAX_REQUEST_AGE="365d")
    assert settings.claim_delay.total_seconds() == seconds


@pytest.mark.parametrize("text", ["15", "s", "-1s", "1 hour", "1h30m", "1e3s", "P1D", "00:15"])
def test_what_is_no_duration_is_reported_with_an_example(
    environment: pytest.MonkeyPatch, text: str
) -> None:
    expected = "DQX_WORKER_LEASE: a duration is a number with ms, s, m, h or d, such as 15s"

    assert problems(environment, DQX_WORKER_LEASE=text) == [expected]


@pytest.mark.parametrize(
    "assignment",
    [
        *("PGPORT=x", "PGPORT=0", "POSTGRES_PORT=65536", "PGSSLMODE=on"),
        *("DQX_WORKER_SLOTS=two", "DQX_WORKER_SLOTS=0", "DQX_WORKER_SLOTS=65"),
        *("DQX_WORKER_TABLES_AT_ONCE=0", "DQX_WORKER_TABLES_AT_ONCE=65"),
        *("DQX_WORKER_LEASE=2999ms", "DQX_WORKER_GRACE=5999ms", "DQX_WORKER_POLL_INTERVAL=49ms"),
        *("DQX_WORKER_CONNECT_TIMEOUT=0s", "DQX_WORKER_MAX_REQUEST_AGE=0h"),
        *("DQX_WORKER_LEASE=999999999999d", "DQX_WORKER_MIGRATE=maybe", "DQX_WORKER_ENGINE=spark"),
        *("DQX_WORKER_SAMPLE_FRACTION=0", "DQX_WORKER_SAMPLE_FRACTION=1.01"),
        *(
            "DQX_WORKER_SAMPLE_FRACTION=nan",
            "DQX_WORKER_SAMPLE_LIMIT=-1",
            "DQX_WORKER_MAX_SCHEMAS=0",
        ),
        *("DQX_WORKER_SUMMARY_LIMIT=999", "DQX_WORKER_POOL_SIZE=0", "DQX_WORKER_POOL_SIZE=101"),
        *("DQX_WORKER_SAMPLE_BYTES=0", "DQX_WORKER_SAMPLE_BYTES=much", "DQX_WORKER_MAX_COLUMNS=0"),
        *("DQX_WORKER_CONNECTION_AGE=61h", "DQX_WORKER_KEEP_WORKERS=9m", "DQX_WORKER_LEASE=61m"),
        *("POSTGRES_HOST=db.example:5432", "POSTGRES_HOST=postgresql://db", "PGHOST=a b"),
        *(f"PGSCHEMA={'s' * 64}", f"DQX_WORKER_SCHEMA={'s' * 64}"),
        *("DQX_WORKER_PROFILER_OPTIONS={", "DQX_WORKER_PROFILER_OPTIONS=[]"),
        *("LAKEBASE_ENDPOINT=ontos", f"LAKEBASE_ENDPOINT={BRANCH}"),
        *("DQX_WORKER_SPARK_MEMORY=2", "DQX_WORKER_SPARK_MEMORY=2gb", "DQX_WORKER_LOG_FORMAT=xml"),
    ],
)
def test_a_wrong_value_is_reported_by_the_variable_that_holds_it(
    environment: pytest.MonkeyPatch, assignment: str
) -> None:
    variable, value = assignment.split("=")

    (reported,) = problems(environment, **{variable: value})

    assert reported.startswith(f"{variable}: ")


def test_lists_are_split_and_blanks_dropped(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(
        environment, DQX_WORKER_TABLES=" main.*.a, ,b ,", DQX_WORKER_ROOTS=f"/a{os.pathsep * 2}/b c"
    )

    assert settings.tables == ("main.*.a", "b")
    assert settings.roots == (Path("/a"), Path("/b c"))


@pytest.mark.parametrize(
    "address",
    [
        "sc://spark",
        "sc://spark.example:15002/",
        "sc://spark:1/;use_ssl=true;token=a.b=c",
        "sc://s/",
    ],
)
def test_the_address_of_a_spark_connect_server(
    environment: pytest.MonkeyPatch, address: str
) -> None:
    assert loaded(environment, SPARK_REMOTE=address).remote == SecretStr(address)


@pytest.mark.parametrize(
    "address",
    ["local[2]", "spark:15002", "http://spark:15002", "sc://", "sc://u@h", "sc://h;token=dapi77"],
)
def test_what_is_no_address_of_one_is_refused_and_not_repeated(
    environment: pytest.MonkeyPatch, address: str
) -> None:
    assert problems(environment, SPARK_REMOTE=address) == [
        "SPARK_REMOTE: a Spark Connect server is an address such as sc://spark.example:15002"
    ]


@pytest.mark.parametrize("engine", ["connect", "databricks", "runtime"])
def test_a_worker_that_reads_a_catalog_does_not_start_without_its_tables(
    environment: pytest.MonkeyPatch, engine: str
) -> None:
    settings = loaded(environment, DQX_WORKER_ENGINE=engine, SPARK_REMOTE="sc://spark")
    with pytest.raises(ConfigurationError, match="DQX_WORKER_TABLES"):
        worker_options(settings)
    # It has the rights of the job that it replaces.
    assert job_options(settings).profiling.tables == ("*",)


def test_a_job_does_its_run_however_old_and_serves_no_probes(
    environment: pytest.MonkeyPatch,
) -> None:
    options = job_options(loaded(environment))
    assert options.attempt.max_request_age == timedelta.max
    assert options.probes is None


def test_the_engine_connect_does_not_start_without_an_address(
    environment: pytest.MonkeyPatch,
) -> None:
    settings = loaded(environment, DQX_WORKER_ENGINE="connect", DQX_WORKER_TABLES="main.*")
    for options in (worker_options, job_options):
        with pytest.raises(ConfigurationError, match="SPARK_REMOTE is not set"):
            options(settings)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"LAKEBASE_INSTANCE_NAME": "ontos"}, (None, None, "ontos")),
        ({"LAKEBASE_INSTANCE_NAME": BRANCH}, (None, BRANCH, None)),
        ({"LAKEBASE_INSTANCE_NAME": ENDPOINT}, (ENDPOINT, None, None)),
        ({"LAKEBASE_ENDPOINT": ENDPOINT}, (ENDPOINT, None, None)),
        (
            {"LAKEBASE_ENDPOINT": ENDPOINT, "LAKEBASE_INSTANCE_NAME": ENDPOINT},
            (ENDPOINT, None, None),
        ),
        ({}, (None, None, None)),
    ],
)
def test_a_lakebase_database_is_an_endpoint_a_branch_or_an_instance(
    environment: pytest.MonkeyPatch,
    variables: dict[str, str],
    named: tuple[str | None, str | None, str | None],
) -> None:
    settings = loaded(environment, **variables)
    options = credential_options(settings)
    assert (options.endpoint, options.branch, options.instance) == named
    assert settings.uses_token is bool(variables)


@pytest.mark.parametrize("name", ["ontos", BRANCH, f"{BRANCH}/endpoints/other"])
def test_two_databases_contradict(environment: pytest.MonkeyPatch, name: str) -> None:
    (reported,) = problems(environment, LAKEBASE_ENDPOINT=ENDPOINT, LAKEBASE_INSTANCE_NAME=name)[:1]
    assert reported.startswith("LAKEBASE_ENDPOINT and LAKEBASE_INSTANCE_NAME contradict")


@pytest.mark.parametrize(
    "path",
    [
        *("projects/p", f"{BRANCH}/", f"/{BRANCH}", f"{BRANCH}/endpoints", f"{ENDPOINT}/"),
        *("projects//branches/b", f"https://workspace.example/{BRANCH}"),
    ],
)
def test_a_path_that_is_neither_a_branch_nor_an_endpoint_is_reported_with_examples(
    environment: pytest.MonkeyPatch, path: str
) -> None:
    (reported,) = problems(environment, LAKEBASE_INSTANCE_NAME=path)
    assert reported.startswith("LAKEBASE_INSTANCE_NAME: a path is a branch such as projects/")


@pytest.mark.parametrize("name", ["1ab", "a_b", "a" * 64, "ad7b8f5e-3b7c-5f43-9a53-6a1f3c0e2d11"])
def test_an_instance_is_named_by_its_name_and_not_by_its_id(
    environment: pytest.MonkeyPatch, name: str
) -> None:
    reported = problems(environment, LAKEBASE_INSTANCE_NAME=name)
    assert reported[0].startswith("LAKEBASE_INSTANCE_NAME: ")
