"""Every command that takes a run refuses one that is not there, and finds one by a short id."""

from pathlib import Path

import click
import pytest
import typer.main

from deploy.sandbox.backend import Backend
from deploy.sandbox.worker_process import worker_environment
from tests.support.command import command
from tests.support.contracts import contract
from worker.cli.exit_codes import ExitCode
from worker.cli.main import app
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

RUN = "0a1b2c3d-0000-4000-8000-000000000000"
TWIN = "0a1b2c3d-0000-4000-8000-000000000001"


def lines(run: str) -> dict[str, list[str]]:
    """Return the command line of each command that takes a run, with every required option."""
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group)
    found = {}
    for name, one in group.commands.items():
        taken = [
            parameter for parameter in one.params if parameter.name in ("run", "profile_run_id")
        ]
        options = [
            f"{parameter.opts[0]}={run if parameter in taken else 'x'}"
            for parameter in one.params
            if isinstance(parameter, click.Option) and parameter.required
        ]
        if taken:
            found[name] = [name, *options, *([run] if isinstance(taken[0], click.Argument) else [])]
    return found


@pytest.fixture
async def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    return worker_environment(backend.worker, tmp_path)


def test_the_commands_that_take_a_run_are_found() -> None:
    assert {"job", "status", "suggestions", "cancel", "adopt"} <= lines(RUN).keys()


@pytest.mark.parametrize("name", sorted(lines(RUN)))
async def test_a_run_that_is_not_there_is_wrong_usage(
    environment: dict[str, str], name: str
) -> None:
    done = await command(environment, *lines("absent")[name])
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.splitlines()[-1] == "dqx-worker: There is no run absent"


async def test_a_short_id_names_the_run_that_begins_with_it(
    environment: dict[str, str], backend: Backend
) -> None:
    await backend.add_contract(contract("c", orders="main.shop.orders"))
    await backend.request("c", ["orders"], run_id=RUN)
    for short in (RUN[:8], RUN[:13]):
        shown = await command(environment, "status", short)
        assert f"run {RUN} of contract c: pending" in shown.stdout
    too_short = await command(environment, "status", RUN[:7])
    assert too_short.returncode == ExitCode.USAGE

    await backend.request("c", ["orders"], run_id=TWIN)
    several = await command(environment, "cancel", RUN[:8], "--reason", "test")
    assert several.returncode == ExitCode.USAGE
    assert "The ids of several runs begin with 0a1b2c3d" in several.stderr
    assert {run["status"] for run in await backend.poll()} == {"pending"}
    done = await command(environment, "cancel", RUN, "--reason", "test")
    assert f"run {RUN} ended failed" in done.stdout
