"""The step 'dqx': its version, whether it can be loaded, and what it asks of the workspace."""

from datetime import timedelta
from importlib.metadata import PackageNotFoundError

from worker.process.doctor.errors import spark, workspace
from worker.process.doctor.explain import hint
from worker.process.doctor.finding import Failed, Found
from worker.process.doctor.setup import Setup
from worker.process.doctor.threads import in_thread
from worker.profiling.verified import VERIFIED, dqx_version
from worker.workspace.clients import dqx_client, offline_client
from worker.workspace.errors import WorkspaceRefused, WorkspaceUnavailable
from worker.workspace.threads import CallThreads

__all__ = ["check_dqx"]

_ASK = timedelta(seconds=20)
_LOAD = timedelta(seconds=60)


async def check_dqx(setup: Setup) -> Found:
    """Tell the version, load DQX where there is a Spark for it, and ask what it asks."""
    try:
        version = dqx_version()
    except PackageNotFoundError as error:
        raise Failed(spark.no_dqx("it is not installed")) from error
    verified = version in VERIFIED
    detail = {"version": version, "verified": verified}
    remarks = [] if verified else [hint(spark.dqx_unverified(version, ", ".join(VERIFIED)))]
    remarks += await _ask(setup)
    if not setup.engine.missing:
        await _load(setup)
    told = "verified" if verified else "not verified"
    return Found(f"version {version}, {told}", detail, remarks)


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
        raise Failed(error) from error
    return []


async def _load(setup: Setup) -> None:
    engine = setup.engine.take()

    def load() -> None:
        from worker.profiling.dqx import Dqx

        Dqx(offline_client(), engine)

    late = spark.no_dqx(f"it took more than {_LOAD.total_seconds():g} s")
    try:
        await in_thread(load, _LOAD, late)
    except ImportError as error:
        raise Failed(spark.no_dqx(error)) from error
