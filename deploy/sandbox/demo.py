"""The main job, end to end, on real tables: `python -m deploy.sandbox demo`."""

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.contracts import sample_contracts
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.screen import Screen
from deploy.sandbox.secrets import leaked
from deploy.sandbox.tables import make_tables
from deploy.sandbox.worker_process import WorkerProcess, migrate, oauth_environment
from deploy.sandbox.workspace.of_server import server_workspace
from deploy.sandbox.workspace.server import serving

__all__ = ["demo"]

_POLL = 0.5
_PATIENCE = 600.0
_TOKEN_LIFE = timedelta(minutes=1)
# The requests, each with the status that it has to end with.
_REQUESTS = (
    ("nyc-flights", ["flights", "weather"], "completed"),
    ("nyc-reference", ["planes", "airports"], "completed"),
    ("palmer-penguins", ["penguins_raw"], "completed"),
    ("nyc-reference", ["airports", "airlines"], "failed"),
)


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
            expected = {
                await backend.request(contract, schemas): status
                for contract, schemas, status in _REQUESTS
            }
            screen.say(
                f"{len(expected)} requests inserted, status 'pending'; starting dqx-worker, which "
                f"logs in with OAuth tokens that live {_TOKEN_LIFE.total_seconds():.0f} s"
            )
            log = home / "demo-worker.log"
            log.unlink(missing_ok=True)
            with WorkerProcess.running(environment, log) as worker, screen:
                runs = await _follow(backend, worker, screen)
        _report(screen, runs, await backend.suggestions())
    written = log.read_bytes()
    found = leaked([*workspace.secrets, backend.worker.password, server.password], written)
    screen.say(
        f"{workspace.issuer.minted} tokens were minted; {len(found)} secrets are in the "
        f"{len(written):,} bytes of the worker's log, written at DEBUG: {log}"
    )
    screen.say(f"All in all {time.monotonic() - began:.1f} s.")
    ended = {run["id"]: run["status"] for run in runs}
    return 0 if ended == expected and not found else 1


async def _follow(backend: Backend, worker: WorkerProcess, screen: Screen) -> list[dict[str, Any]]:
    """Poll as the backend does until every run has ended."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        runs = await backend.poll()
        tables = await backend.progress()
        screen.progress(runs, tables)
        if all(run["status"] in ("completed", "failed") for run in runs):
            return runs
        if worker.exit_code is not None or time.monotonic() > deadline:
            screen.say(f"The worker did not finish; the end of its log:\n{_tail(worker.log)}")
            return runs
        await anyio.sleep(_POLL)


def _report(screen: Screen, runs: list[dict[str, Any]], suggestions: list[dict[str, Any]]) -> None:
    looked_at: dict[str, str] = {}
    durations = []
    for run in runs:
        for name, table in json.loads(run["summary_stats"] or '{"tables": {}}')["tables"].items():
            if "error" not in table:
                looked_at[name] = f"{table['rows']:,} of {table['of_rows']:,}"
                durations.append(
                    (
                        name,
                        f"{table['rows']:,} x {table['columns']}",
                        f"{table['duration_s']:.1f} s",
                    )
                )
    completed = {run["id"] for run in runs if run["status"] == "completed"}
    screen.suggestions(
        [row for row in suggestions if row["profile_run_id"] in completed], looked_at
    )
    screen.times(runs, durations)
    for run in runs:
        if run["error_message"]:
            screen.failure(run["contract_id"], run["error_message"])


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
