"""The bundle of the Databricks job says what Databricks understands and what `job` takes.

Three judges: a schema written from the documentation for what is around the job, Databricks' own
models of bundles for the job, and for its fields and their types the SDK, which knows the Jobs API.
"""

import copy
import dataclasses
import enum
import inspect
import re
import subprocess
import sys
import tomllib
import typing
from collections.abc import Callable
from fnmatch import fnmatch
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml
from databricks.bundles.jobs import Job
from databricks.sdk.service.jobs import JobSettings

from worker import __version__

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/databricks/job"
SCHEMA = Path(__file__).parent / "bundle.schema.json"
FILES = [FOLDER / "databricks.yml", FOLDER / "resources/dqx_worker.job.yml"]
SENT = [
    "contract_id",
    "schema_names",
    "profile_run_id",
    "lakebase_instance_name",
    "postgres_host",
    "postgres_db",
    "postgres_port",
    "postgres_schema",
    "product_name",
    "product_version",
]
"""What the backend sends with run-now."""

imports_typer = pytest.mark.filterwarnings(
    # click's, of what typer imports.
    "ignore:'click.utils:DeprecationWarning"
)


def read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return content


def bundle() -> dict[str, Any]:
    return read(FILES[0])


def job() -> dict[str, Any]:
    found: dict[str, Any] = read(FILES[1])["resources"]["jobs"]["dqx_worker"]
    return found


def task() -> dict[str, Any]:
    (only,) = job()["tasks"]
    found: dict[str, Any] = only
    return found


def options() -> list[str]:
    """Return the parameters of the command, in order."""
    from worker.cli.job import job_command

    return [name for name in inspect.signature(job_command).parameters if name != "context"]


def arguments() -> dict[str, str]:
    """Return what the task gives to each option."""
    command, *words = task()["python_wheel_task"]["parameters"]
    assert command == "job"
    pairs = [word.removeprefix("--").partition("=") for word in words if word.startswith("--")]
    assert len(pairs) == len(words)
    return {name: value for name, _, value in pairs}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def refusal(content: dict[str, Any], folder: Path) -> str:
    """Return what the schema has against a file, which is nothing where it holds."""
    file = folder / "databricks.yml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--schemafile", SCHEMA, file],
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout if run.returncode else ""


def strangers(kind: Any, value: Any, path: str = "job") -> list[str]:
    """Return the fields of `value` that are not the SDK's, or not of its type."""
    if typing.get_origin(kind) is typing.Union:
        (kind,) = (one for one in typing.get_args(kind) if one is not type(None))
    if dataclasses.is_dataclass(kind):
        assert isinstance(kind, type)
        if not isinstance(value, dict):
            return [path]
        types = typing.get_type_hints(kind)
        required = {
            field.name
            for field in dataclasses.fields(kind)
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        }
        return [
            *(f"{path}.{name}" for name in sorted(required - value.keys())),
            *(
                found
                for name, one in value.items()
                for found in (
                    strangers(types[name], one, f"{path}.{name}")
                    if name in types
                    else [f"{path}.{name}"]
                )
            ),
        ]
    if typing.get_origin(kind) is list:
        (item,) = typing.get_args(kind)
        if not isinstance(value, list):
            return [path]
        return [
            found
            for number, one in enumerate(value)
            for found in strangers(item, one, f"{path}[{number}]")
        ]
    if typing.get_origin(kind) is dict:
        _, item = typing.get_args(kind)
        if not isinstance(value, dict):
            return [path]
        return [
            found for name, one in value.items() for found in strangers(item, one, f"{path}.{name}")
        ]
    if issubclass(kind, enum.Enum):
        return [] if value in {member.value for member in kind} else [path]
    return [] if type(value) is kind else [path]


def _misspell(old: str, new: str, *way: str | int) -> Callable[[dict[str, Any]], None]:
    def change(content: Any) -> None:
        for step in way:
            content = content[step]
        content[new] = content.pop(old)

    return change


def _put(value: object, *way: str | int) -> Callable[[dict[str, Any]], None]:
    def change(content: Any) -> None:
        for step in way[:-1]:
            content = content[step]
        content[way[-1]] = value

    return change


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_schema_holds(file: Path, tmp_path: Path) -> None:
    assert refusal(read(file), tmp_path) == ""


def test_every_file_of_the_bundle_is_looked_at() -> None:
    (included,) = bundle()["include"]
    assert [*FOLDER.glob("*.yml"), *FOLDER.glob(included)] == FILES
    assert [*FOLDER.rglob("*.y*ml")] == FILES


@pytest.mark.parametrize(
    "change",
    [
        _misspell("name", "nmae", "bundle"),
        _misspell("include", "includes"),
        _misspell("paths", "path", "sync"),
        _misspell("build", "command", "artifacts", "wheel"),
        _misspell("description", "desciption", "variables", "tables"),
        _misspell("mode", "Mode", "targets", "prod"),
        _misspell("jobs", "job", "targets", "prod", "resources"),
        _put("prod", "targets", "prod", "mode"),
        _put("wheel", "artifacts", "wheel", "type"),
        _put("true", "targets", "dev", "default"),
    ],
)
def test_the_schema_bites(change: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    content = bundle()
    change(content)
    assert "Schema validation errors" in refusal(content, tmp_path)


def test_databricks_own_models_take_the_job() -> None:
    # What they do not know they refuse; what they take, they give back unchanged.
    assert Job.from_dict(typing.cast("Any", job())).as_dict() == job()


def test_they_take_it_with_what_the_target_prod_adds() -> None:
    added = bundle()["targets"]["prod"]["resources"]["jobs"]
    assert list(added) == ["dqx_worker"]
    whole = {**job(), **added["dqx_worker"]}
    assert Job.from_dict(typing.cast("Any", whole)).as_dict() == whole


def test_the_fields_and_their_types_are_those_of_the_jobs_api() -> None:
    assert strangers(JobSettings, job()) == []


WRONG = [
    (_misspell("max_concurrent_runs", "max_concurent_runs"), "job.max_concurent_runs"),
    (_misspell("timeout_seconds", "timeout", "tasks", 0), "job.tasks[0].timeout"),
    (_misspell("task_key", "key", "tasks", 0), "job.tasks[0].task_key"),
    (
        _misspell("environment_version", "version", "environments", 0, "spec"),
        "job.environments[0].spec.version",
    ),
    (_misspell("default", "value", "parameters", 0), "job.parameters[0].default"),
    (_put("2h", "tasks", 0, "timeout_seconds"), "job.tasks[0].timeout_seconds"),
    (_put(True, "queue"), "job.queue"),
]


@pytest.mark.parametrize(("change", "where"), WRONG, ids=[where for _, where in WRONG])
def test_a_field_that_is_wrong_is_refused_by_both(
    change: Callable[[dict[str, Any]], None], where: str
) -> None:
    content = copy.deepcopy(job())
    change(content)
    assert where in strangers(JobSettings, content)
    with pytest.raises((ValueError, TypeError)):
        Job.from_dict(typing.cast("Any", content))


def test_a_number_that_a_parameter_would_be_is_refused() -> None:
    content = job()
    content["parameters"][6]["default"] = 5432
    assert strangers(JobSettings, content) == ["job.parameters[6].default"]


def test_the_parameters_are_those_that_the_backend_sends() -> None:
    assert [parameter["name"] for parameter in job()["parameters"]] == SENT
    defaults = {parameter["name"]: parameter["default"] for parameter in job()["parameters"]}
    assert defaults["postgres_port"] == "5432"
    assert defaults["postgres_schema"] == "public"


@imports_typer
def test_each_goes_to_the_option_of_its_name_and_the_tables_are_the_deployers() -> None:
    expected = {name: f"{{{{job.parameters.{name}}}}}" for name in SENT}
    assert arguments() == {**expected, "tables": "${var.tables}"}
    assert list(arguments()) == options()


@imports_typer
def test_the_command_takes_the_words_of_the_task() -> None:
    """With real values, the empty ones among them."""
    from typer.main import get_command

    from worker.cli.main import app

    sent = {
        "contract_id": "-1",
        "schema_names": '["orders", "order\'s lines"]',
        "profile_run_id": "3f0c2a52-6a0e-4f1b-9f0e-1d1f5a2a7c11",
        "lakebase_instance_name": "",
        "postgres_host": "",
        "postgres_db": "backend",
        "postgres_port": "5432",
        "postgres_schema": "public",
        "product_name": "ontos",
        "product_version": "1.0.1",
    }
    _, *words = task()["python_wheel_task"]["parameters"]
    filled = [
        re.sub(r"\{\{job\.parameters\.(\w+)\}\}", lambda match: sent[match[1]], word).replace(
            "${var.tables}", "main.sales.*,main.stock.*"
        )
        for word in words
    ]
    group = typing.cast("Any", get_command(app))
    context = group.commands["job"].make_context("job", filled)
    assert context.params == {**sent, "tables": "main.sales.*,main.stock.*"}
    assert context.args == []


def test_whatever_is_referred_to_is_there() -> None:
    texts = [file.read_text("utf-8") for file in FILES]
    used = {name for text in texts for name in re.findall(r"\$\{var\.(\w+)\}", text)}
    assert used == set(bundle()["variables"])
    (environment,) = job()["environments"]
    assert task()["environment_key"] == environment["environment_key"]


def test_what_prod_alone_uses_is_not_asked_for_in_dev() -> None:
    required = {name for name, one in bundle()["variables"].items() if "default" not in one}
    assert required == {"tables", "run_as", "launcher"}
    assert set(bundle()["targets"]["dev"]["variables"]) == required - {"tables"}


@imports_typer
def test_the_entry_point_is_the_console_script_of_the_project() -> None:
    wheel = task()["python_wheel_task"]
    assert wheel["package_name"] == project()["project"]["name"]
    assert wheel["entry_point"] in project()["project"]["scripts"]
    (installed,) = entry_points(group="console_scripts", name=wheel["entry_point"])
    assert callable(installed.load())


def test_the_wheel_that_is_built_is_the_one_that_is_installed(tmp_path: Path) -> None:
    artifact = bundle()["artifacts"]["wheel"]
    assert (FOLDER / artifact["path"]).resolve() == ROOT
    (target,) = re.findall(r"--wheel-dir (\S+)", artifact["build"])
    (file,) = artifact["files"]
    (environment,) = job()["environments"]
    (dependency,) = environment["spec"]["dependencies"]
    source = FOLDER / file["source"]
    assert source.parent == ROOT / target
    assert (FILES[1].parent / dependency).resolve() == source

    build = artifact["build"].replace("python3", sys.executable).replace(target, str(tmp_path))
    subprocess.run([artifact["executable"], "-euc", f"{build} --quiet"], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert fnmatch(wheel.name, source.name)
    assert f"-{__version__}-" in wheel.name


def test_the_tools_that_build_it_are_pinned_with_hashes() -> None:
    *_, install, wheel = bundle()["artifacts"]["wheel"]["build"].split(" && ")
    assert install.endswith("--require-hashes --requirement deploy/requirements/build.txt")
    assert "--no-build-isolation" in wheel
    assert install.split()[0] == wheel.split()[0]


def test_it_is_installed_anew_with_each_deployment() -> None:
    assert bundle()["artifacts"]["wheel"]["dynamic_version"]


def test_runs_are_not_limited_to_one_at_a_time_and_wait_rather_than_being_skipped() -> None:
    assert job()["max_concurrent_runs"] == 1000
    assert job()["queue"]["enabled"]


def test_nothing_tries_again_or_starts_behind_the_launchers_back() -> None:
    assert task()["max_retries"] == 0
    assert task()["disable_auto_optimization"]
    assert not task().get("retry_on_timeout")
    assert not {"schedule", "continuous", "trigger"} & job().keys()


def test_a_run_ends_by_itself() -> None:
    assert 0 < task()["timeout_seconds"] <= 24 * 3600


def test_the_job_is_tagged_and_runs_on_serverless_compute_with_a_python_that_we_support() -> None:
    assert job()["tags"]["application"] == project()["project"]["name"]
    assert (
        not {"existing_cluster_id", "job_cluster_key", "new_cluster", "libraries"} & task().keys()
    )
    # Versions 3 to 5 bring Python 3.12.
    (environment,) = job()["environments"]
    assert environment["spec"]["environment_version"] in {"3", "4", "5"}


def test_in_production_it_is_somebodys_and_out_of_others_reach() -> None:
    prod = bundle()["targets"]["prod"]
    assert prod["mode"] == "production"
    assert prod["run_as"] == {"service_principal_name": "${var.run_as}"}
    assert prod["workspace"]["root_path"].startswith("/Workspace/Users/${var.run_as}/")
    (permission,) = prod["resources"]["jobs"]["dqx_worker"]["permissions"]
    assert permission["level"] == "CAN_MANAGE_RUN"
