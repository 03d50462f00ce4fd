"""`python -m deploy.sandbox.compose load|ask`: the backend's side of deploy/compose.

`load` makes the tables, the backend's database and its contracts; `ask` inserts requests, follows
them and prints what is suggested. Postgres is at PGHOST and PGPORT, its password and the
backend's are the files POSTGRES_PASSWORD and BACKEND_PASSWORD of the folder SANDBOX_SECRETS, the
tables are to lie in SANDBOX_TABLES.
"""

import os
import sys
from pathlib import Path

import anyio
import anyio.to_thread

from deploy.sandbox.asking import Requests
from deploy.sandbox.backend import OWNER, WORKER, Backend, make_backend
from deploy.sandbox.contracts import sample_contracts
from deploy.sandbox.login import Login
from deploy.sandbox.postgres import SUPERUSER, find_binaries
from deploy.sandbox.screen import Screen
from deploy.sandbox.tables import make_tables

_DATABASE = "contracts"


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
    await requests.report()
    return 0 if requests.as_expected else 1


def _logins() -> tuple[Login, Backend]:
    environment = os.environ
    secrets = Path(environment["SANDBOX_SECRETS"])
    admin = Login(
        environment["PGHOST"],
        int(environment["PGPORT"]),
        "postgres",
        SUPERUSER,
        (secrets / "POSTGRES_PASSWORD").read_text().strip(),
    )
    password = (secrets / "BACKEND_PASSWORD").read_text().strip()
    return admin, Backend.at(admin, _DATABASE, dict.fromkeys((OWNER, WORKER), password))


if __name__ == "__main__":
    sys.exit(anyio.run({"load": load, "ask": ask}[sys.argv[1]]))
