"""The provider for Lakebase: mints database tokens through the SDK, in threads of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from worker.credentials import errors
from worker.credentials.provider import Credential
from worker.credentials.same_host import same_host
from worker.workspace.clients import workspace_client
from worker.workspace.options import Purpose, WorkspaceOptions
from worker.workspace.sdk_errors import translated
from worker.workspace.sdk_threads import CallThreads

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["Lakebase", "LakebaseDatabase"]

_DEADLINE = timedelta(seconds=8)
_THREADS = 4


class LakebaseDatabase(Protocol):
    """One of the kinds of a Lakebase database; its text says which one it is."""

    def token(self, client: "WorkspaceClient") -> tuple[str | None, datetime | None]:
        """Return a new token and its end."""
        ...

    def hosts(self, client: "WorkspaceClient") -> Sequence[str]:
        """Return the hosts at which it takes writes, first the one without a pooler."""
        ...


class Lakebase:
    """Mints tokens for one database, as the identity that the workspace knows the worker by.

    The principal is asked of the workspace once, unless it is configured, and the host with each
    token, since a database may move. A host that is configured has to be one that the workspace
    names: the choice of a host is the choice of the token's receiver, and a job's launcher may do
    that. A worker's own environment may hold a host that is out of date, or another database's.
    """

    def __init__(
        self,
        database: LakebaseDatabase,
        workspace: WorkspaceOptions,
        *,
        user: str | None,
        host: str | None,
        deadline: timedelta = _DEADLINE,
    ) -> None:
        self._database = database
        self._workspace = workspace
        self._user = user
        self._host = host
        self._threads = CallThreads(_THREADS, deadline, workspace.place)
        self._client: WorkspaceClient | None = None

    @property
    def subject(self) -> str:
        """The database."""
        return str(self._database)

    async def mint(self) -> Credential:
        """Return a new token with its principal. Raises `WorkspaceError`."""
        return await self._threads.call(self._mint)

    def _mint(self) -> Credential:
        # A call that fails or hangs keeps the client, and with it the lock that the SDK holds
        # while it asks for an OAuth token; the next one makes a client of its own.
        client, self._client = self._client, None
        if client is None:
            client = workspace_client(self._workspace, Purpose.CREDENTIALS)
        with translated(self._workspace):
            if self._user is None:
                self._user = client.current_user.me().user_name
            hosts = self._database.hosts(client)
            if not hosts:
                raise errors.no_host(self.subject)
            if self._host and not any(same_host(self._host, one) for one in hosts):
                raise errors.another_host(self._host, self.subject, hosts[0])
            token, expires_at = self._database.token(client)
        if not self._user:
            raise errors.no_principal(self.subject)
        if not token:
            raise errors.no_token(self.subject)
        self._client = client
        return Credential(self._user, SecretStr(token), expires_at, hosts[0])
