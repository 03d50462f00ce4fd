"""The main job, end to end, on real tables: `python -m deploy.sandbox demo`."""

import time
from datetime import timedelta
from pathlib import Path

import anyio.to_thread

from deploy.sandbox.asking import Requests
from deploy.sandbox.backend import create_backend
from deploy.sandbox.contracts import sample_contracts
from deploy.sandbox.enforce import accept_and_enforce
from deploy.sandbox.leaks import leaked
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.screen import Screen
from deploy.sandbox.tables import make_tables
from deploy.sandbox.worker_process import (
    WorkerProcess,
    migrate,
    oauth_environment,
    worker_environment,
)
from deploy.sandbox.workspace.of_server import server_workspace
from deploy.sandbox.workspace.server import serving

__all__ = ["demo"]

_TOKEN_LIFE = timedelta(minutes=1)


async def demo(home: Path) -> int:
    """Run the demo and return 0 if every run ended as it has to."""
    screen = Screen()
    began = time.monotonic()
    tables = await anyio.to_thread.run_sync(make_tables, home / "tables")
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
            await migrate(environment)
            requests = Requests(backend, screen)
            await requests.insert()
            screen.say(
                "Starting dqx-worker, which logs in with OAuth tokens that live "
                f"{_TOKEN_LIFE.total_seconds():.0f} s"
            )
            log = home / "demo-worker.log"
            log.unlink(missing_ok=True)
            with WorkerProcess.running(environment, log) as worker:
                ended = await requests.follow(lambda: worker.exit_code is None)
            if not ended:
                screen.say(f"The worker did not finish; the end of its log:\n{_tail(log)}")
        await requests.report()
        local = worker_environment(backend.worker, home / "tables")
        enforced = ended and await accept_and_enforce(backend, screen, local, tables["flights"])
    written = log.read_bytes()
    found = leaked([*workspace.secrets, backend.worker.password, server.password], written)
    screen.say(
        f"{workspace.issuer.minted} tokens were minted; {len(found)} secrets are in the "
        f"{len(written):,} bytes of the worker's log, written at DEBUG: {log}"
    )
    screen.say(f"All in all {time.monotonic() - began:.1f} s.")
    return 0 if requests.as_expected and enforced and not found else 1


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
