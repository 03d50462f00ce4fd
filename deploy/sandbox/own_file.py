"""A contract over a file of one's own, in the sandbox that stays: `deploy.sandbox add`."""

import shlex
import shutil
import sys
from pathlib import Path

import anyio.to_thread

from deploy.sandbox.backend import Backend
from deploy.sandbox.contract_edits import save_schemas
from deploy.sandbox.lasting_sandbox import DATABASE
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, schema_of_file

__all__ = ["add"]

_KINDS = (".csv", ".parquet")
_ADDED = """\
{copy}
is now the schema {name} of the contract {name}. While a worker runs, in a terminal with the
environment of the sandbox:

    dqx-worker enqueue --contract {name} --schema {name} --wait
    dqx-worker suggestions ID   # the id that the command above prints

Many files are better left where they are: restart the worker with DQX_WORKER_ROOTS=/your/folder.
"""


async def add(home: Path, file: Path) -> int:
    """Copy a CSV or parquet file into the sandbox, and add a contract for it, or renew it."""
    server = Postgres.at(home / "play")
    if not server.pid:
        sys.exit("The sandbox does not run. Start it with: make sandbox")
    if not await anyio.Path(file).is_file() or file.suffix not in _KINDS:
        sys.exit(f"{file} is no file whose name ends in {' or '.join(_KINDS)}")
    name, copy = file.stem, home / "tables" / "own" / file.name
    copy.parent.mkdir(exist_ok=True)
    await anyio.to_thread.run_sync(shutil.copyfile, file, copy)
    schema = await anyio.to_thread.run_sync(schema_of_file, copy, name, "A file of one's own")
    backend = Backend.of(server, DATABASE)
    async with backend.connection() as connection:
        there = await connection.fetchval("SELECT true FROM data_contracts WHERE id = $1", name)
    if there:
        await save_schemas(backend, name, [schema])
    else:
        await backend.add_contract(Contract(name, name, (schema,)))
    print(_ADDED.format(copy=copy, name=shlex.quote(name)))
    return 0
