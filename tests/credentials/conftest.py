"""A workspace that issues tokens which no Postgres knows, behind HTTP."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from deploy.sandbox.workspace.endpoints import Workspace
from deploy.sandbox.workspace.issuer import Token
from deploy.sandbox.workspace.server import serving
from worker.workspace.options import WorkspaceOptions

CLIENT_ID = "0b9c6f4e-2d1a-4c53-9e6f-7f3f5d1c2a80"
CLIENT_SECRET = "dose-client-secret-of-the-test"  # noqa: S105
LIFE = timedelta(hours=1)


@dataclass
class PaperIssuer:
    """Issues tokens that nothing takes, and remembers them."""

    issued: list[str] = field(default_factory=list)
    minted: int = 0

    async def token(self, role: str) -> Token:
        self.minted += 1
        self.issued.append(f"eyJhbGciOiJSUzI1NiJ9.{secrets.token_urlsafe(40)}")
        return Token(self.issued[-1], datetime.now(UTC) + LIFE)

    async def revoke(self, role: str) -> None:
        self.issued.clear()


@dataclass(frozen=True)
class Served:
    """A workspace and where it is."""

    workspace: Workspace
    issuer: PaperIssuer
    url: str

    def options(self, **changes: Any) -> WorkspaceOptions:
        """Return how a worker reaches it."""
        values: dict[str, Any] = {
            "host": self.url,
            "client_id": CLIENT_ID,
            "client_secret": SecretStr(CLIENT_SECRET),
        }
        named = {f"databricks_{name}": value for name, value in (values | changes).items()}
        return WorkspaceOptions(**named)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    # Nothing of this machine's own set-up.
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", "/dev/null")
    issuer = PaperIssuer()
    workspace = Workspace(CLIENT_ID, CLIENT_SECRET, "db.example", issuer)
    with serving(workspace) as url:
        yield Served(workspace, issuer, url)
