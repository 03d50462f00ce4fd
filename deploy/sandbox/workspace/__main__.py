"""`python -m deploy.sandbox.workspace`: the stand-in as a process of its own.

From the environment: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD of somebody who may alter the
principal's role; SANDBOX_PORT, SANDBOX_TOKEN_LIFE in seconds, DATABRICKS_CLIENT_ID and the file
SANDBOX_CLIENT_SECRET_FILE.
"""

import functools
import os
from datetime import timedelta
from pathlib import Path

import asyncpg

from deploy.sandbox.workspace.app import Workspace
from deploy.sandbox.workspace.issuer import Issuer
from deploy.sandbox.workspace.server import serve

if __name__ == "__main__":
    environment = os.environ
    serve(
        Workspace(
            client_id=environment["DATABRICKS_CLIENT_ID"],
            client_secret=Path(environment["SANDBOX_CLIENT_SECRET_FILE"]).read_text().strip(),
            host=environment["PGHOST"],
            # asyncpg reads the PG* variables itself.
            issuer=Issuer(
                functools.partial(asyncpg.connect, timeout=10, command_timeout=10),
                timedelta(seconds=float(environment["SANDBOX_TOKEN_LIFE"])),
            ),
        ),
        int(environment["SANDBOX_PORT"]),
    )
