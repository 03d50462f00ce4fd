"""The steps 'workspace' and 'identity': a client, the way it logs in, and as whom."""

from datetime import timedelta
from urllib.parse import urlsplit

import anyio.to_thread

from worker.doctor.errors import workspace as errors
from worker.doctor.explain import hint
from worker.doctor.network_diagnosis import why_unreachable
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult, StepSkipped
from worker.workspace.clients import load_sdk, workspace_client
from worker.workspace.errors import WorkspaceError, WorkspaceUnavailable
from worker.workspace.options import Purpose, WorkspaceOptions
from worker.workspace.sdk_errors import translated
from worker.workspace.sdk_threads import CallThreads

__all__ = ["check_identity", "check_workspace", "without_workspace"]

_DEADLINE = timedelta(seconds=12)


async def check_workspace(setup: Setup) -> StepResult:
    """Make a client as the worker does, and report how it logs in."""
    options = setup.options.workspace
    if not (options.configured or setup.uses_token):
        raise StepSkipped("no workspace is named: DQX does without one")
    await anyio.to_thread.run_sync(load_sdk)
    try:
        client = await _threads(options).call(
            lambda: workspace_client(options, Purpose.CREDENTIALS)
        )
    except WorkspaceError as error:
        return await without_workspace(error, setup)
    setup.client.give(client)
    host, method = str(client.config.host), str(client.config.auth_type)
    return StepResult(f"{host}, by {method}", {"host": host, "auth": method}, _account(host))


async def check_identity(setup: Setup) -> StepResult:
    """Ask the workspace who the worker is."""
    options = setup.options.workspace
    if not (options.configured or setup.uses_token):
        raise StepSkipped("no workspace is named: there is none to ask")
    client = setup.client.take()

    def me() -> str | None:
        with translated(options):
            return client.current_user.me().user_name

    try:
        principal = await _threads(options).call(me)
    except WorkspaceError as error:
        if setup.uses_token and setup.options.credentials.user:
            return StepResult(str(error), {}, [hint(errors.identity_not_shown())])
        return await without_workspace(error, setup)
    setup.principal.give(principal)
    user = setup.options.credentials.user
    remarks = []
    if setup.uses_token and user and principal and user != principal:
        remarks.append(hint(errors.another_principal(user, principal)))
    return StepResult(principal or "the workspace gives no name", {"principal": principal}, remarks)


async def without_workspace(error: WorkspaceError, setup: Setup) -> StepResult:
    """Report that the workspace failed. Raises `StepFailed` if a worker needs it.

    Without tokens it is for DQX alone, which a worker lets go on without one that can't be reached.
    """
    options = setup.options.workspace
    hints = _account(options.databricks_host or "")
    if options.databricks_host and isinstance(error, WorkspaceUnavailable):
        hints += await why_unreachable(options.databricks_host)
    if setup.uses_token or not isinstance(error, WorkspaceUnavailable):
        raise StepFailed(error, hints) from error
    return StepResult(
        str(error), {}, [hint(errors.dqx_without_workspace("it is unavailable")), *hints]
    )


def _account(host: str) -> list[str]:
    name = urlsplit(host if "://" in host else f"https://{host}").hostname or ""
    return [hint(errors.account_host(host))] if name.startswith(("accounts.", "accounts-")) else []


def _threads(options: WorkspaceOptions) -> CallThreads:
    return CallThreads(1, _DEADLINE, options.place)
