"""The step 'dqx': its version, whether it can be loaded, and what it asks of the workspace.

A version that is not verified is compared with the worker's counts, as at a worker's start.
The mode of suggestions stands beside the version: it decides what becomes of DQX's proposals.
"""

from datetime import timedelta
from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING

from worker.doctor.errors import spark, workspace
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult
from worker.doctor.thread_with_deadline import in_thread
from worker.profiling.comparison import compare_if_unknown
from worker.sampling.comparison_result import NOT_COMPARED, Verdict
from worker.sampling.verified_versions import VERIFIED, dqx_version
from worker.workspace.clients import dqx_client, offline_client
from worker.workspace.errors import WorkspaceRefused, WorkspaceUnavailable
from worker.workspace.sdk_threads import CallThreads

if TYPE_CHECKING:
    from worker.profiling.dqx import Dqx

__all__ = ["check_dqx"]

_ASK = timedelta(seconds=20)
_LOAD = timedelta(seconds=60)
_COMPARE = timedelta(seconds=300)


async def check_dqx(setup: Setup) -> StepResult:
    """Report the version, load DQX if there is a Spark for it, and ask what it asks."""
    try:
        version = dqx_version()
    except PackageNotFoundError as error:
        raise StepFailed(spark.no_dqx("it is not installed")) from error
    verified = version in VERIFIED
    mode = setup.options.attempt.checks.mode
    detail: dict[str, object] = {"version": version, "verified": verified, "suggestions": mode}
    remarks = await _ask(setup)
    verdict = NOT_COMPARED if setup.engine.missing else await _compare(setup)
    said = f"version {version}, {'verified' if verified else 'not verified'}; suggestions: {mode}"
    if verdict.of is not None:
        equal = verdict.difference is None
        detail |= {"equal": equal, "note": verdict.note}
        said += (
            f"; DQX was compared with the worker's counts and {'equals' if equal else 'differs'}"
        )
    elif not verified:
        remarks.insert(0, hint(spark.dqx_unverified(version, ", ".join(VERIFIED))))
    if verdict.note is not None:
        remarks.insert(0, hint(verdict.note))
    return StepResult(said, detail, remarks)


async def _ask(setup: Setup) -> list[str]:
    """Ask the workspace what DQX asks; not one that has failed already."""
    options = setup.options.workspace
    if not options.configured or setup.client.missing or setup.principal.missing:
        return []
    try:
        await CallThreads(1, _ASK, options.place).call(lambda: dqx_client(options))
    except WorkspaceUnavailable as error:
        # A worker goes on without it.
        return [hint(workspace.dqx_without_workspace(error))]
    except WorkspaceRefused as error:
        raise StepFailed(error) from error
    return []


async def _compare(setup: Setup) -> Verdict:
    """Load DQX, and compare it with the worker's counts if that is not known."""
    engine, options = setup.engine.take(), setup.options.profiling

    def load() -> "Dqx":
        from worker.profiling.dqx import Dqx

        return Dqx(offline_client(), engine, options.profiler)

    late = spark.no_dqx(f"it took more than {_LOAD.total_seconds():g} s")
    try:
        dqx = await in_thread(load, _LOAD, late)
    except ImportError as error:
        raise StepFailed(spark.no_dqx(error)) from error
    return await in_thread(
        lambda: compare_if_unknown(engine, dqx, options),
        _COMPARE,
        spark.comparison_silent(f"{_COMPARE.total_seconds():g}"),
    )
