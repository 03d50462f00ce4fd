"""Makes the client that DQX gets: one of its own, because DQX changes its config's timeouts."""

from typing import cast

from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config

from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.workspace.offline import OfflineWorkspace
from worker.workspace.options import WorkspaceOptions

__all__ = ["dqx_client"]

log = get_logger(__name__)


def dqx_client(options: WorkspaceOptions) -> WorkspaceClient:
    """Return a client for DQX. Blocks while the SDK asks the workspace: call it in a thread.

    Raises `ValueError` when the SDK finds no way to authenticate.
    """
    if not options.configured:
        log.info(Event.WORKSPACE_OFFLINE)
        return cast("WorkspaceClient", OfflineWorkspace())
    client = WorkspaceClient(
        config=Config(
            http_timeout_seconds=int(options.http_timeout.total_seconds()),
            retry_timeout_seconds=int(options.retry_timeout.total_seconds()),
        )
    )
    log.info(Event.WORKSPACE_CONNECTED, host=client.config.host)
    return client
