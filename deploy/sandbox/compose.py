"""`python -m deploy.sandbox.compose secrets|load|ask`: the backend's side of deploy/compose.

`secrets` makes the secrets of all services, in the folder SANDBOX_SECRETS; `load` makes the tables,
the backend's database and its contracts; `ask` inserts requests, follows them and prints what is
suggested. Postgres is at PGHOST and PGPORT, the tables are to lie in SANDBOX_TABLES.
"""

import os
import secrets
import sys
from pathlib import Path

import anyio
import anyio.to_thread

from deploy.sandbox.backend import OWNER, WORKER, Backend, make_backend
from deploy.sandbox.database_login import Login
from deploy.sandbox.demo_output import Screen
from deploy.sandbox.demo_requests import Requests
from deploy.sandbox.postgres import SUPERUSER, find_binaries
from deploy.sandbox.sample_contracts import sample_contracts
from deploy.sandbox.sample_tables import make_tables

_DATABASE = "contracts"
_REST = """\
All of them, with their evidence: in another terminal, with the id of a run in the next table,

    docker compose --file deploy/compose/compose.yaml exec worker dqx-worker suggestions ID
"""
_SECRETS = (
    "database/POSTGRES_PASSWORD",
    "database/BACKEND_PASSWORD",
    "worker/DATABRICKS_CLIENT_SECRET",
)


async def make_secrets() -> int:
    """Make each secret, unless it is there: Postgres keeps the password of its first start."""
    folder = Path(os.environ["SANDBOX_SECRETS"])
    for name in _SECRETS:
        file = folder / name
        if not file.exists():
            # Under another name first: a file that is there is whole.
            part = file.with_suffix(".part")
            part.write_text(secrets.token_urlsafe(32))
            # For the user of each service that has the volume.
            part.chmod(0o444)
            part.replace(file)
    return 0


async def load() -> int:
    """Make tables, database and contracts, unless they are there."""
    tables = await anyio.to_thread.run_sync(make_tables, Path(os.environ["SANDBOX_TABLES"]))
    admin, backend = _logins()
    connection = await admin.connect()
    there = await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", _DATABASE)
    await connection.close()
    if not there:
        await make_backend(admin, backend, find_binaries())
        for contract in sample_contracts(tables):
            await backend.add_contract(contract)
    return 0


async def ask() -> int:
    """Insert the requests and print what comes of them; 0 if each ended as it has to."""
    _, backend = _logins()
    requests = Requests(backend, Screen())
    await requests.insert()
    await requests.follow(lambda: True)
    await requests.report(_REST)
    return 0 if requests.as_expected else 1


def _logins() -> tuple[Login, Backend]:
    environment = os.environ
    folder = Path(environment["SANDBOX_SECRETS"]) / "database"
    admin = Login(
        environment["PGHOST"],
        int(environment["PGPORT"]),
        "postgres",
        SUPERUSER,
        (folder / "POSTGRES_PASSWORD").read_text().strip(),
    )
    password = (folder / "BACKEND_PASSWORD").read_text().strip()
    return admin, Backend.at(admin, _DATABASE, dict.fromkeys((OWNER, WORKER), password))


if __name__ == "__main__":
    sys.exit(anyio.run({"secrets": make_secrets, "load": load, "ask": ask}[sys.argv[1]]))
