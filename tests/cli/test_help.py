"""`--help` describes every argument and every option, with the pinned requirements too."""

import click
import pytest
import typer.main

from tests.support.command import run_command
from worker.cli.main import app

_GROUP = typer.main.get_command(app)
assert isinstance(_GROUP, click.Group)
COMMANDS = _GROUP.commands


def described(command: click.Command) -> dict[str, str]:
    """Return the description of each parameter that is shown; an empty text if there is none."""
    return {
        str(one.name): " ".join((one.help or "").split())
        for one in command.params
        if isinstance(one, click.Argument | click.Option) and not getattr(one, "hidden", False)
    }


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_parameter_is_described(name: str) -> None:
    shown = " ".join(run_command({"COLUMNS": "400"}, name, "--help").stdout.split())
    for parameter, words in described(COMMANDS[name]).items():
        assert words, parameter
        assert words in shown, parameter


def test_the_description_of_an_argument_is_the_one_in_the_code() -> None:
    assert described(COMMANDS["cancel"])["run"].startswith("The run's id")
    assert described(COMMANDS["checks"])["contract"] == "A contract's id."
