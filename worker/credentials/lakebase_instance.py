"""A Lakebase instance: the older kind, known by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["LakebaseInstance"]


@dataclass(frozen=True, slots=True)
class LakebaseInstance:
    """Asks the workspace's `database` interface about the instance `name`."""

    name: str

    def __str__(self) -> str:
        return f"the database instance {self.name}"

    def token(self, client: "WorkspaceClient") -> tuple[str | None, datetime | None]:
        """Return a new token and its end, with a zone. Blocks; raises what the SDK raises."""
        answer = client.database.generate_database_credential(
            instance_names=[self.name], request_id=str(uuid4())
        )
        return answer.token, _instant(answer.expiration_time)

    def hosts(self, client: "WorkspaceClient") -> Sequence[str]:
        """Return where its Postgres is. Blocks; raises what the SDK raises."""
        host = client.database.get_database_instance(self.name).read_write_dns
        return [host] if host else ()


def _instant(text: str | None) -> datetime | None:
    """Return an ISO time with its zone, UTC if it names none; None for what is no time."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
