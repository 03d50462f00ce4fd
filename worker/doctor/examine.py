"""Runs the steps in their order; one that can't go on leaves the others to go on without it."""

import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

from worker.credentials.clock import Clock, SystemClock
from worker.credentials.passwords import provider_of
from worker.database.options import DatabaseOptions
from worker.doctor.explain import explained
from worker.doctor.setup import Setup
from worker.doctor.step_report import Status, StepFailed, StepReport, StepResult, StepSkipped, needs
from worker.doctor.steps.clock import check_clock
from worker.doctor.steps.connect import check_connection
from worker.doctor.steps.dqx import check_dqx
from worker.doctor.steps.engine import check_engine
from worker.doctor.steps.optional_columns import check_columns
from worker.doctor.steps.own_schema import check_own_schema
from worker.doctor.steps.read_table import check_table
from worker.doctor.steps.rights import check_rights
from worker.doctor.steps.roots import check_roots
from worker.doctor.steps.search_path import check_session
from worker.doctor.steps.stuck_runs import check_runs
from worker.doctor.steps.tls import check_tls
from worker.doctor.steps.token import check_token
from worker.doctor.steps.workspace import check_identity, check_workspace
from worker.doctor.steps.write import check_write
from worker.process.options import WorkerOptions

__all__ = ["STEPS", "examine", "not_begun"]

_CONNECT = timedelta(seconds=30)
_STATEMENT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its name, and what it does."""

    name: str
    check: Callable[[Setup], Awaitable[StepResult]]


STEPS = (
    Step("workspace", check_workspace),
    Step("identity", check_identity),
    Step("token", check_token),
    Step("tls", check_tls),
    Step("connect", check_connection),
    Step("rights", check_rights),
    Step("columns", check_columns),
    Step("own schema", check_own_schema),
    Step("search path", check_session),
    Step("clock", check_clock),
    Step("runs", check_runs),
    Step("engine", check_engine),
    Step("dqx", check_dqx),
    Step("roots", check_roots),
    Step("table", check_table),
    Step("write", check_write),
)


async def examine(
    options: WorkerOptions,
    report: Callable[[StepReport], None],
    *,
    with_engine: bool = True,
    clock: Clock | None = None,
) -> list[StepReport]:
    """Examine what a worker with `options` needs; `report` gets each finding as it is made.

    Every wait ends: whatever hangs is a finding. Nothing that is written remains.
    """
    findings = []
    async with AsyncExitStack() as closing:
        setup = Setup(
            options=options,
            database_options=_impatient(options),
            provider=provider_of(options.credentials, options.workspace),
            clock=clock or SystemClock(),
            with_engine=with_engine,
            closing=closing,
        )
        for step in STEPS:
            finding = await _finding(step, setup)
            findings.append(finding)
            report(finding)
    return findings


def not_begun(step: Step, without: str) -> StepReport:
    """Return the finding of a step that can't be taken without another one."""
    return _ended(step, Status.SKIPPED, time.monotonic(), StepResult(str(needs(without))))


async def _finding(step: Step, setup: Setup) -> StepReport:
    began = time.monotonic()
    try:
        found = await step.check(setup)
    except StepSkipped as reason:
        return _ended(step, Status.SKIPPED, began, StepResult(str(reason)))
    except StepFailed as failed:
        found = StepResult(str(failed), failed.detail, failed.hints)
        return _ended(step, Status.FAILED, began, found, failed.error)
    # Whatever a step meets is what it has found.
    except Exception as error:  # noqa: BLE001
        found = StepResult(str(error) or type(error).__name__, {}, explained(error))
        return _ended(step, Status.FAILED, began, found, error)
    return _ended(step, Status.OK, began, found)


def _ended(
    step: Step, status: Status, began: float, found: StepResult, error: Exception | None = None
) -> StepReport:
    return StepReport(
        step=step.name,
        status=status,
        seconds=round(time.monotonic() - began, 3),
        said=found.said,
        detail=found.detail,
        # An error may be explained twice.
        hints=tuple(dict.fromkeys(found.remarks)),
        error=error,
    )


def _impatient(options: WorkerOptions) -> DatabaseOptions:
    given = options.database
    return replace(
        given,
        pool_size=1,
        connect_timeout=min(given.connect_timeout, _CONNECT),
        statement_timeout=min(given.statement_timeout, _STATEMENT),
        idle_in_transaction_timeout=min(given.idle_in_transaction_timeout, _STATEMENT),
    )
