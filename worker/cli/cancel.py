"""`dqx-worker cancel`: an operator ends a run that is waiting or in work, or several."""

import getpass
from enum import StrEnum
from typing import Annotated
from uuid import uuid4

import typer

from worker.cli import errors
from worker.cli.cancel_many import cancel_selected
from worker.cli.cancel_one import cancel_one
from worker.cli.invoke import invoke
from worker.runs.cancel import OPEN
from worker.runs.cancel_many import Selection
from worker.runs.errors import cancelled
from worker.settings import Settings
from worker.settings.compose_options import queue_options

__all__ = ["cancel_command"]


class OpenStatus(StrEnum):
    """The statuses of a run that has not ended."""

    PENDING = "pending"
    RUNNING = "running"


def cancel_command(
    context: typer.Context,
    *,
    run: Annotated[
        str | None, typer.Argument(help="The run's id, or its first 8 characters.")
    ] = None,
    contract: Annotated[
        str | None,
        typer.Option(
            "--contract", help="All runs of the contract with this id that have not ended."
        ),
    ] = None,
    status: Annotated[
        OpenStatus | None, typer.Option("--status", help="All runs with this status.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; people read it in the run's row.")],
    by: Annotated[str, typer.Option("--by", help="Who; by default this machine's user.")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before several runs are cancelled.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until workers have ended what they had.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """End a run that is waiting or in work, or several; what is done of them stays.

    --contract and --status select runs, together if both are given. On a terminal the command
    prints how many there are, and asks.
    """
    selected = contract is not None or status is not None
    if selected == (run is not None):
        raise typer.BadParameter(errors.cancel_one_or_select())

    async def command(settings: Settings) -> int:
        words = cancelled(by.strip() or getpass.getuser(), reason.strip())
        options = queue_options(settings, f"cancel-{uuid4().hex[:8]}")
        if run is not None:
            return await cancel_one(settings, options, run, words, wait=wait, as_json=as_json)
        selection = Selection(OPEN if status is None else (status.value,), contract)
        return await cancel_selected(
            settings, options, selection, words, ask=not yes, wait=wait, as_json=as_json
        )

    invoke(context, command)
