"""A Lakebase endpoint: the newer kind, known by `projects/…/branches/…/endpoints/…`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["LakebaseEndpoint"]


@dataclass(frozen=True, slots=True)
class LakebaseEndpoint:
    """Asks the workspace's `postgres` interface about the endpoint `name`."""

    name: str

    def __str__(self) -> str:
        return f"the endpoint {self.name}"

    def token(self, client: "WorkspaceClient") -> tuple[str | None, datetime | None]:
        """Return a new token and its end, in UTC. Blocks; raises what the SDK raises."""
        answer = client.postgres.generate_database_credential(self.name)
        # A protobuf timestamp: in UTC, with no zone of its own.
        end = answer.expire_time.ToDatetime(tzinfo=UTC) if answer.expire_time else None
        return answer.token, end

    def hosts(self, client: "WorkspaceClient") -> Sequence[str]:
        """Return where its Postgres is. Blocks; raises what the SDK raises."""
        status = client.postgres.get_endpoint(self.name).status
        hosts = status.hosts if status else None
        if hosts is None or not hosts.host:
            return ()
        return [one for one in (hosts.host, hosts.read_write_pooled_host) if one]
