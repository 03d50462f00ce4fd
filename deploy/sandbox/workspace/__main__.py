"""`python -m deploy.sandbox.workspace`: the stand-in as a process of its own.

From the environment: PGHOST and PGPORT, SANDBOX_PORT, SANDBOX_TOKEN_LIFE in seconds, and the files
SANDBOX_POSTGRES_PASSWORD_FILE, the superuser's, and SANDBOX_CLIENT_SECRET_FILE.
"""

import os
from datetime import timedelta
from pathlib import Path

from deploy.sandbox.backend import PRINCIPAL
from deploy.sandbox.database_login import Login
from deploy.sandbox.postgres import SUPERUSER
from deploy.sandbox.workspace.endpoints import Workspace
from deploy.sandbox.workspace.issuer import Issuer
from deploy.sandbox.workspace.server import serve


def _secret(variable: str) -> str:
    return Path(os.environ[variable]).read_text().strip()


if __name__ == "__main__":
    host, port = os.environ["PGHOST"], int(os.environ["PGPORT"])
    password = _secret("SANDBOX_POSTGRES_PASSWORD_FILE")
    admin = Login(host, port, "postgres", SUPERUSER, password)
    serve(
        Workspace(
            client_id=PRINCIPAL,
            client_secret=_secret("SANDBOX_CLIENT_SECRET_FILE"),
            host=host,
            issuer=Issuer(
                admin.connect, timedelta(seconds=float(os.environ["SANDBOX_TOKEN_LIFE"]))
            ),
        ),
        int(os.environ["SANDBOX_PORT"]),
    )
