"""The stand-in workspace that belongs to an embedded Postgres."""

import secrets
from datetime import timedelta

from deploy.sandbox.backend import PRINCIPAL
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.workspace.endpoints import Workspace
from deploy.sandbox.workspace.issuer import Issuer
from deploy.sandbox.workspace.server import LOOPBACK

__all__ = ["server_workspace"]


def server_workspace(server: Postgres, life: timedelta) -> Workspace:
    """Return a workspace that issues tokens of `life` for the principal's role of `server`."""
    return Workspace(
        client_id=PRINCIPAL,
        client_secret=secrets.token_urlsafe(24),
        host=LOOPBACK,
        issuer=Issuer(server.admin.connect, life),
    )
