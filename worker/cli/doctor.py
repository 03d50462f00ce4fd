"""`dqx-worker doctor`: what is right with a set-up, what is wrong, and what to do about it."""

import os
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated

import typer

from worker.cli.exit_codes import ExitCode, exit_code_of, innermost
from worker.cli.invoke import Context, end_with
from worker.display.doctor_report import plain, print_finding, print_verdict
from worker.display.output import print_json, print_traceback
from worker.doctor.remarks import settings_remarks
from worker.doctor.step_report import Status, StepReport
from worker.process.options import WorkerOptions
from worker.settings import ConfigurationError, Settings, load_settings
from worker.settings.compose_options import ignored_variables, process_options, worker_options
from worker.settings.overruled_variables import overruled_variables
from worker.telemetry.cures import cures
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs

__all__ = ["doctor_command"]

_DEFECT = 1


def doctor_command(
    context: typer.Context,
    engine: Annotated[
        bool, typer.Option("--engine/--no-engine", help="Start Spark, and read a table with it.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Examine the set-up step by step; keep nothing; exit with the code of what comes first."""

    def prepared() -> Callable[[], Awaitable[int]]:
        began = time.monotonic()
        options: Context = context.obj
        report = _Report(tracebacks=options.tracebacks, as_json=as_json, with_engine=engine)
        _configure_logs(None, options)
        try:
            settings = load_settings(os.environ)
        except ConfigurationError as error:
            report.add(_settings(None, began, error))
            return report.without_settings
        _configure_logs(settings, options)
        return lambda: report.examine(settings, began)

    end_with(context, prepared)


def _configure_logs(settings: Settings | None, options: Context) -> None:
    """Let findings stand alone: beside them only errors are logged, unless all is asked for."""
    debug = settings is not None and settings.log_level is LogLevel.DEBUG
    configure_logs(
        settings.log_format if settings else LogFormat.AUTO,
        worker=options.worker,
        tracebacks=options.tracebacks,
        level=LogLevel.DEBUG if debug else LogLevel.ERROR,
    )


class _Report:
    """The findings so far; each is shown as it comes, or all at the end as JSON."""

    def __init__(self, *, tracebacks: bool, as_json: bool, with_engine: bool) -> None:
        self._findings: list[StepReport] = []
        self._tracebacks = tracebacks
        self._as_json = as_json
        self._with_engine = with_engine

    def add(self, finding: StepReport) -> None:
        """Take note of a finding."""
        self._findings.append(finding)
        if not self._as_json:
            print_finding(finding)
        if self._tracebacks and finding.error:
            print_traceback(innermost(finding.error))

    async def examine(self, settings: Settings, began: float) -> int:
        """Examine all that a worker with these settings needs; return the exit code."""
        # Here, so that the other commands never import what a worker needs.
        from worker.doctor.examine import examine

        refused, options = _worker_options(settings)
        self.add(_settings(settings, began, refused))
        await examine(options, self.add, with_engine=self._with_engine)
        return self._end()

    async def without_settings(self) -> int:
        """Report that nothing else can be examined; return the exit code."""
        from worker.doctor.examine import STEPS, not_begun

        for step in STEPS:
            self.add(not_begun(step, "settings"))
        return self._end()

    def _end(self) -> int:
        if self._as_json:
            print_json([plain(one, _exit_code([one]) or None) for one in self._findings])
        else:
            print_verdict(self._findings, with_engine=self._with_engine)
        return _exit_code(self._findings)


def _worker_options(settings: Settings) -> tuple[ConfigurationError | None, WorkerOptions]:
    """Return why `run` would not start, and the options that everything else can be seen by."""
    try:
        return None, worker_options(settings)
    except ConfigurationError as error:
        return error, process_options(settings)


def _settings(
    settings: Settings | None, began: float, error: ConfigurationError | None
) -> StepReport:
    seen = _seen(settings) if settings else {}
    remarks = (
        settings_remarks(
            ignored_variables(settings),
            overruled_variables(settings, os.environ),
            settings.engine,
            settings.tables,
        )
        if settings
        else []
    )
    return StepReport(
        step="settings",
        status=Status.FAILED if error else Status.OK,
        seconds=round(time.monotonic() - began, 3),
        said=str(error) if error else ", ".join(f"{name} {seen[name]}" for name in seen),
        detail={name.replace(" ", "_"): value for name, value in seen.items()},
        hints=(*cures(error), *remarks),
        error=error,
    )


def _seen(settings: Settings) -> dict[str, str]:
    login = settings.lakebase_endpoint or settings.lakebase_instance
    return {
        "engine": str(settings.engine),
        "login": f"by token for {login}" if login else f"by password of {settings.user}",
        "database": settings.database,
        "backend schema": settings.backend_schema,
        "own schema": settings.own_schema,
    }


def _exit_code(findings: Iterable[StepReport]) -> int:
    """Return the code of the first finding that would stop a worker."""
    for finding in findings:
        if finding.error is not None:
            return exit_code_of(finding.error) or _DEFECT
    return ExitCode.SUCCESS
