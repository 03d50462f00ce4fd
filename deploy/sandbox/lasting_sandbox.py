"""A sandbox that stays, to play with: `python -m deploy.sandbox play` and `stop`.

Postgres, contracts, and a stand-in workspace whose tokens the worker logs in with.
"""

import shlex
import sys
from pathlib import Path

import anyio.to_thread

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import sample_contracts
from deploy.sandbox.sample_tables import make_tables
from deploy.sandbox.worker_process import migrate, oauth_environment, worker_environment
from deploy.sandbox.workspace.endpoints import Workspace
from deploy.sandbox.workspace.lasting_process import (
    lasting_workspace,
    start_workspace,
    stop_workspace,
)

__all__ = ["DATABASE", "play", "stop"]

DATABASE = "sandbox"

_EXAMPLES = """\
Postgres runs on port {port} with the contracts nyc-flights (flights, weather), nyc-reference
(planes, airports) and palmer-penguins (penguins_raw). A stand-in for a Databricks workspace at
{url} gives out database tokens that live a minute. In each terminal first:

    source {environment}

1. See that all is there, then start a worker. Spark takes about 10 s:

    dqx-worker doctor
    dqx-worker run

2. In another terminal, request a profile as the backend does, with one INSERT, and look:

    RUN=run-$RANDOM
    psql "$BACKEND" -c "INSERT INTO data_profiling_runs
             (id, contract_id, source, status, schema_names)
             VALUES ('$RUN', 'palmer-penguins', 'dqx', 'pending', '[\\"penguins_raw\\"]')"
    dqx-worker status $RUN --watch
    dqx-worker suggestions $RUN

   Or let the worker's own command insert it:

    dqx-worker enqueue --contract nyc-reference --schema planes --schema airports --wait
    dqx-worker status

3. Profile a file of your own, a CSV or parquet file. It prints what to type next:

    make -C {repository} sandbox-add FILE=/path/to/your.csv

4. Revoke the worker's tokens and see that it recovers; then have the workspace fail three times:

    curl -X POST {url}/sandbox/revoke
    curl -X POST {url}/sandbox/faults -d '{{"kind": "503", "times": 3}}'

5. Stop the worker with Ctrl-C. A job runner does without one; it runs a job for each request:

    RUN=run-$RANDOM
    psql "$BACKEND" -c "INSERT INTO data_profiling_runs
             (id, contract_id, source, status, schema_names)
             VALUES ('$RUN', 'palmer-penguins', 'dqx', 'pending', '[\\"penguins_raw\\"]')"
    dqx-worker job --contract_id palmer-penguins --schema_names '["penguins_raw"]' \\
        --profile_run_id $RUN

`make sandbox-stop` stops Postgres and the workspace; their data stay.
"""


async def play(home: Path) -> int:
    """Start the sandbox, or leave it running, and print how to use it. Raises `ProgramFailed`."""
    print("Writing real tables to files and starting a Postgres, some seconds ...")
    tables = await anyio.to_thread.run_sync(make_tables, home / "tables")
    server = Postgres.at(home / "play")
    fresh = not (home / "play" / "ready").exists()
    server.start()
    if fresh:
        backend = await create_backend(server, DATABASE)
        for contract in sample_contracts(tables):
            await backend.add_contract(contract)
        migration = worker_environment(backend.worker, home / "tables")
        await migrate(migration, home / "play" / "migrate.log")
        (home / "play" / "ready").touch()
    backend = Backend.of(server, DATABASE)
    workspace = lasting_workspace(server, home / "play")
    url = start_workspace(server, home / "play")
    environment = home / "environment.sh"
    environment.write_text(_exports(server, backend, url, workspace, home / "tables"))
    environment.chmod(0o600)
    print(
        _EXAMPLES.format(port=server.port, url=url, environment=environment, repository=home.parent)
    )
    return 0


async def stop(home: Path) -> int:
    """Stop the sandbox's Postgres and its workspace; its data stay."""
    stop_workspace(home / "play")
    Postgres.at(home / "play").stop()
    return 0


def _exports(
    server: Postgres, backend: Backend, url: str, workspace: Workspace, tables: Path
) -> str:
    """Return the environment: psql is the backend's with $BACKEND, dqx-worker has its tokens."""
    owner = backend.owner
    variables = {
        name: value
        for name, value in oauth_environment(backend.worker, url, workspace, tables).items()
        if name.startswith(("POSTGRES_", "PG", "LAKEBASE_", "DATABRICKS_", "DQX_"))
    } | {
        "BACKEND": f"host={owner.host} port={owner.port} dbname={owner.database} "
        f"user={owner.user} password={owner.password}"
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    binaries = [Path(sys.executable).parent, server.binaries]
    folders = ":".join(shlex.quote(str(folder)) for folder in binaries)
    return "\n".join([*lines, f"export PATH={folders}:$PATH", ""])
