"""The main job, end to end, on real tables: `python -m deploy.sandbox demo`."""

import json
import time
from datetime import timedelta
from pathlib import Path

import anyio.to_thread

from deploy.sandbox.backend import create_backend
from deploy.sandbox.demo_output import Screen
from deploy.sandbox.demo_requests import Requests
from deploy.sandbox.enforce import accept_and_enforce
from deploy.sandbox.find_secrets import leaked
from deploy.sandbox.logged_programs import ProgramFailed, tail
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import sample_contracts
from deploy.sandbox.sample_tables import make_tables
from deploy.sandbox.worker_process import (
    WorkerProcess,
    migrate,
    oauth_environment,
    worker_environment,
)
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.server import serving

__all__ = ["demo"]

_TOKEN_LIFE = timedelta(minutes=1)
_NEXT = """
That took {seconds} s. What to try next:

    make sandbox   # the same to play with: requests and files of your own
    less {rest}   # every suggestion

README.md shows how to point the worker at a database of yours."""


async def demo(home: Path) -> int:
    """Run the demo and return 0 if every run ended as it has to. Raises `ProgramFailed`."""
    screen = Screen()
    began = time.monotonic()
    screen.say("Writing real tables to files and starting a Postgres, some seconds ...")
    tables = await anyio.to_thread.run_sync(make_tables, home / "tables")
    log, programs = home / "demo-worker.log", home / "demo-programs.log"
    for old in (log, programs):
        old.unlink(missing_ok=True)
    with Postgres.running(home / "demo") as server:
        backend = await create_backend(server, "demo")
        for contract in sample_contracts(tables):
            await backend.add_contract(contract)
        screen.say(
            f"Postgres on port {server.port} with {len(sample_contracts(tables))} contracts over "
            f"{len(tables)} tables ({time.monotonic() - began:.1f} s)"
        )
        workspace = server_workspace(server, _TOKEN_LIFE)
        with serving(workspace) as url:
            environment = oauth_environment(
                backend.worker,
                url,
                workspace,
                home / "tables",
                # All that it ever writes, to be searched for secrets.
                DQX_WORKER_LOG_LEVEL="debug",
            )
            screen.say("Creating the worker's own tables with dqx-worker migrate ...")
            await migrate(environment, programs)
            requests = Requests(backend, screen)
            await requests.insert()
            screen.say(
                "Starting dqx-worker, which logs in with OAuth tokens that live "
                f"{_TOKEN_LIFE.total_seconds():.0f} s\n"
                "Starting Spark, about 10 s: then the worker claims the requests ..."
            )
            with WorkerProcess.running(environment, log) as worker:
                ended = await requests.follow(lambda: worker.exit_code is None)
            if not ended:
                raise ProgramFailed(
                    f"The worker did not finish. Its log is {log}, which ends:\n{tail(log)}"
                )
        rest = home / "demo-suggestions.json"
        suggestions = await backend.suggestions_with_evidence()
        rest.write_text(json.dumps(suggestions, indent=2, default=str))
        await requests.report(f"All of them, with what was counted for each: {_here(rest)}\n")
        local = worker_environment(backend.worker, home / "tables")
        enforced = await accept_and_enforce(backend, screen, local, tables["weather"], programs)
    secrets = [*workspace.secrets, backend.worker.password, server.password]
    found = leaked(secrets, log.read_bytes())
    screen.say(
        f"\nThe worker's log, written at DEBUG, has {len(found)} of {len(secrets)} secrets: "
        f"{_here(log)}"
    )
    screen.say(_NEXT.format(seconds=f"{time.monotonic() - began:.0f}", rest=_here(rest)))
    return 0 if requests.as_expected and enforced and not found else 1


def _here(path: Path) -> Path:
    """Return a path as people type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
