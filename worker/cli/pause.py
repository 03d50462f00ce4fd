"""`dqx-worker pause` and `resume`: whether the workers claim requests."""

import getpass
from typing import Annotated, Any

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.display.output import print_json, print_line
from worker.queue.claiming import Claiming
from worker.runs.pause import pause, resume
from worker.settings import Settings

__all__ = ["pause_command", "resume_command"]

By = Annotated[str, typer.Option("--by", help="Who; by default this machine's user.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def pause_command(
    context: typer.Context,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; every view shows it.")] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Have all workers claim no more requests until `resume`; runs in work go on."""

    async def command(settings: Settings) -> int:
        who = by.strip() or getpass.getuser()
        async with open_database(settings) as database:
            claiming, changed = await pause(database, who, reason.strip())
        if as_json:
            print_json({"changed": changed, **_facts(claiming)})
        else:
            print_line(claiming.words if changed else f"nothing changed: {claiming.words}")
        return ExitCode.SUCCESS

    invoke(context, command)


def resume_command(context: typer.Context, *, by: By = "", as_json: AsJson = False) -> None:
    """Have all workers claim requests again, at once."""

    async def command(settings: Settings) -> int:
        who = by.strip() or getpass.getuser()
        async with open_database(settings) as database:
            ended = await resume(database, who)
        if as_json:
            print_json({"changed": ended is not None, "ended": ended and _facts(ended)})
        elif ended is None:
            print_line("nothing changed: claiming was not paused")
        else:
            reason = f": {ended.reason}" if ended.reason else ""
            print_line(
                f"claiming is resumed; {ended.by} had paused it at {ended.since_text}{reason}"
            )
        return ExitCode.SUCCESS

    invoke(context, command)


def _facts(claiming: Claiming) -> dict[str, Any]:
    return {
        "paused": claiming.paused,
        "by": claiming.by,
        "since": claiming.since,
        "reason": claiming.reason,
    }
