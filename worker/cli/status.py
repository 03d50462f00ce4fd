"""`dqx-worker status`: the newest runs, or one run with its tables."""

from typing import Annotated, Any

import anyio
import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from worker.cli import errors
from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.cli.output import console, print_json, seconds, shown, styled_status, table, tell
from worker.database.pool import Database
from worker.queue.requests import read_run, read_summaries, read_tables, recent_runs
from worker.settings import Settings
from worker.telemetry.text import bounded

__all__ = ["status_command"]

_REFRESH = 1.0
_NEWEST = 20
# Characters of a message in a table of runs.
_SHORT = 120


def status_command(
    context: typer.Context,
    run: Annotated[str | None, typer.Argument(help="A run's id; without it, the newest.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Follow until the run ends.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show where runs stand."""

    async def command(settings: Settings) -> int:
        async with open_database(settings) as database:
            if run is None:
                return await _newest(database, watch=watch, as_json=as_json)
            return await _one(database, run, watch=watch, as_json=as_json)

    invoke(context, command)


async def _newest(database: Database, *, watch: bool, as_json: bool) -> int:
    runs = await recent_runs(database, _NEWEST)
    if as_json:
        print_json(runs)
        return ExitCode.SUCCESS
    if not watch:
        console.print(_runs(runs))
        return ExitCode.SUCCESS
    with Live(_runs(runs), console=console) as live:
        while True:
            await anyio.sleep(_REFRESH)
            live.update(_runs(await recent_runs(database, _NEWEST)))


async def _one(database: Database, run_id: str, *, watch: bool, as_json: bool) -> int:
    with Live(console=console, auto_refresh=False) as live:
        while True:
            run = await read_run(database, run_id)
            if run is None:
                live.stop()
                tell(f"dqx-worker: {errors.no_run(run_id)}", error=True)
                return ExitCode.USAGE
            tables = await read_tables(database, run_id)
            over = run["status"] not in ("pending", "running")
            if as_json:
                if over or not watch:
                    live.stop()
                    whole = await read_summaries(database, run_id)
                    for one in tables:
                        one["summary"] = whole.get(one["schema_name"])
                    print_json({**run, "tables": tables})
            else:
                live.update(Group(_head(run), _tables(tables)), refresh=True)
            if over or not watch:
                return ExitCode.SUCCESS
            await anyio.sleep(_REFRESH)


def _head(run: dict[str, Any]) -> RenderableType:
    subject = f"run {run['id']} of contract {run['contract_id']}: "
    took = f", {seconds(run['elapsed']) or 'for an unknown time'}, {run['suggestions']} suggestions"
    lines = [Text.assemble(shown(subject), styled_status(_status(run)), took)]
    if run["attempt"] is not None:
        lines.append(shown(f"attempt {run['attempt']} by {run['worker']}"))
    if message := _message(run):
        lines.append(shown(message))
    return Text("\n").join(lines)


def _status(run: dict[str, Any]) -> str:
    """Return the run's status; `stuck` if a worker could not write its end."""
    return "stuck" if _is_stuck(run) else str(run["status"])


def _message(run: dict[str, Any]) -> str:
    """Return why a run failed, or is stuck."""
    return (run["last_error"] if _is_stuck(run) else run["error_message"]) or ""


def _is_stuck(run: dict[str, Any]) -> bool:
    return bool(run["status"] == "running" and run["phase"] == "stuck")


def _tables(tables: list[dict[str, Any]]) -> RenderableType:
    return table(
        ["schema", "phase", "elapsed", "rows", "columns", "suggestions", "error"],
        [
            [
                one["schema_name"],
                styled_status(one["state"]),
                seconds(one["elapsed"]),
                one["rows_sampled"],
                one["columns"],
                one["suggestions"],
                one["error"],
            ]
            for one in tables
        ],
    )


def _runs(runs: list[dict[str, Any]]) -> RenderableType:
    return table(
        ["run", "contract", "status", "tables", "elapsed", "error"],
        [
            [
                one["id"],
                one["contract_id"],
                styled_status(_status(one)),
                f"{one['tables_done'] or 0}/{one['tables_total'] or '?'}",
                seconds(one["elapsed"]),
                bounded(_message(one), _SHORT),
            ]
            for one in runs
        ],
    )
