"""Makes SDK clients: one for each purpose, with a config and timeouts of its own."""

import time
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from worker import __version__
from worker.concurrency.uncollected_imports import uncollected_imports
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.workspace import errors
from worker.workspace.offline import OfflineWorkspace
from worker.workspace.options import Purpose, WorkspaceOptions
from worker.workspace.sdk_errors import causes, translated

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["dqx_client", "load_sdk", "offline_client", "workspace_client"]

log = get_logger(__name__)


class _NoWaiting:
    """A clock for the SDK on which waiting takes no time but uses up the time for retries.

    The SDK sleeps as long as Retry-After says, however long that is (databricks-sdk 0.156,
    retries.py). On this clock the first failure is the last, and the caller decides.
    """

    def __init__(self) -> None:
        self._ahead = 0.0

    def time(self) -> float:
        """Return the seconds since the epoch, and what was slept."""
        return time.time() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass, without waiting for them."""
        self._ahead += seconds


def load_sdk() -> None:
    """Import the SDK. Blocks for seconds the first time, more on a small machine: in a thread.

    Done before any call with a deadline, which is for the network and not for this.
    """
    with uncollected_imports():
        import worker.workspace.sdk_config  # noqa: F401


def workspace_client(options: WorkspaceOptions, purpose: Purpose) -> "WorkspaceClient":
    """Return a client for `purpose`. Blocks while the SDK asks the workspace: call it in a thread.

    Raises `WorkspaceError`.
    """
    # Only who asks for a client waits for this import.
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.clock import Clock
    from requests.exceptions import MissingSchema

    from worker.workspace.sdk_config import EncryptedConfig, follow_encrypted_redirects

    follow_encrypted_redirects()
    with translated(options):
        try:
            config = EncryptedConfig(
                host=options.databricks_host,
                profile=options.databricks_profile,
                client_id=options.databricks_client_id,
                client_secret=options.databricks_client_secret
                and options.databricks_client_secret.get_secret_value(),
                token=options.databricks_token and options.databricks_token.get_secret_value(),
                auth_type=options.chosen_auth_type,
                cluster_id=options.databricks_cluster_id,
                serverless_compute_id=options.databricks_serverless,
                http_timeout_seconds=purpose.http_timeout.total_seconds(),
                retry_timeout_seconds=int(purpose.retry_timeout.total_seconds()),
                product="dqx-worker",
                product_version=__version__,
                clock=cast("Clock", _NoWaiting()) if purpose is Purpose.CREDENTIALS else None,
            )
        except ValueError as error:
            if any(isinstance(one, MissingSchema) for one in causes(error)):
                _log_why_undescribed(options, purpose)
            raise
        return WorkspaceClient(config=config)


def _log_why_undescribed(options: WorkspaceOptions, purpose: Purpose) -> None:
    """Raise why the workspace's description of itself can't be read.

    The SDK only warns of that, goes on without the address to log in at, and fails there
    (databricks-sdk 0.156, config.py).
    """
    import requests

    # The SDK adds the scheme if there is none.
    scheme = "" if "://" in options.place else "https://"
    url = f"{scheme}{options.place.rstrip('/')}/.well-known/databricks-config"
    answer = requests.get(url, timeout=purpose.http_timeout.total_seconds())
    if answer.status_code == HTTPStatus.NOT_FOUND:
        raise errors.not_a_workspace(options.place)
    if not answer.ok:
        raise errors.unavailable(options.place, f"HTTP status {answer.status_code}")
    answer.json()


def offline_client() -> "WorkspaceClient":
    """Return what answers DQX in the process, without a workspace."""
    return cast("WorkspaceClient", OfflineWorkspace())


def dqx_client(options: WorkspaceOptions) -> "WorkspaceClient":
    """Return a client for DQX, or if no workspace is named one that answers by itself.

    It is logged in and has asked once what DQX asks as soon as it gets the client: DQX does so in
    a thread that is waited for, and the SDK's request for an OAuth token has no timeout.

    Blocks: call it in a thread that can be left behind. Raises `WorkspaceError`.
    """
    if not (options.configured or options.runtime):
        log.info(Event.WORKSPACE_OFFLINE)
        return offline_client()
    client = workspace_client(options, Purpose.DQX)
    with translated(options):
        client.clusters.select_spark_version()
    log.info(Event.WORKSPACE_CONNECTED, host=client.config.host, auth=client.config.auth_type)
    return client
