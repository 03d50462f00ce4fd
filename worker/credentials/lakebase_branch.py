"""A branch of a Lakebase project, known by `projects/…/branches/…`: its read-write endpoint."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from worker.credentials import errors
from worker.credentials.lakebase_endpoint import LakebaseEndpoint

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["LakebaseBranch"]

T = TypeVar("T")


class LakebaseBranch:
    """Asks the workspace's `postgres` interface about the read-write endpoint of a branch.

    The workspace allows one such endpoint a branch. It is looked up once and kept. A call that
    fails forgets it, since the endpoint may have been replaced; a call that does not find it looks
    it up again at once.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._endpoint: LakebaseEndpoint | None = None

    def __str__(self) -> str:
        # Another thread may forget it.
        endpoint = self._endpoint
        branch = f"the branch {self._name}"
        return (
            f"the endpoint {endpoint.name.rpartition('/')[2]} of {branch}" if endpoint else branch
        )

    def token(self, client: "WorkspaceClient") -> tuple[str | None, datetime | None]:
        """Return a new token and its end, in UTC. Blocks; raises what the SDK raises."""
        return self._ask(client, lambda endpoint: endpoint.token(client))

    def hosts(self, client: "WorkspaceClient") -> Sequence[str]:
        """Return where its Postgres is. Blocks; raises what the SDK raises."""
        return self._ask(client, lambda endpoint: endpoint.hosts(client))

    def _ask(self, client: "WorkspaceClient", question: Callable[[LakebaseEndpoint], T]) -> T:
        from databricks.sdk.errors import NotFound

        endpoint, self._endpoint = self._endpoint or self._read_write(client), None
        with suppress(NotFound):
            answer = question(endpoint)
            self._endpoint = endpoint
            return answer
        # Not in the handler: an error there would have the first one as its context.
        endpoint = self._read_write(client)
        answer = question(endpoint)
        self._endpoint = endpoint
        return answer

    def _read_write(self, client: "WorkspaceClient") -> LakebaseEndpoint:
        from databricks.sdk.service.postgres import EndpointType

        for endpoint in client.postgres.list_endpoints(self._name):
            kind = endpoint.status.endpoint_type if endpoint.status else None
            if endpoint.name and kind is EndpointType.ENDPOINT_TYPE_READ_WRITE:
                return LakebaseEndpoint(endpoint.name)
        raise errors.no_read_write_endpoint(self._name)
