"""New connections all the time, on tokens of three seconds, while the workspace misbehaves.

`python -m tests.soak.credentials [SECONDS [SEED]]`: real Postgres, the real SDK over HTTP; then how
long the event loop stands still while the token endpoint hangs.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import anyio
from pydantic import SecretStr

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.endpoints import ENDPOINT, Workspace
from deploy.sandbox.workspace.faults import Fault, FaultKind
from deploy.sandbox.workspace.server import LOOPBACK, serving
from tests.support.options import database_options
from worker.credentials.cache import CredentialCache
from worker.credentials.lakebase import Lakebase, LakebaseDatabase
from worker.credentials.lakebase_endpoint import LakebaseEndpoint
from worker.credentials.lifetime import SHORTEST_PAUSE
from worker.credentials.passwords import CachedPassword
from worker.database.errors import DatabaseError
from worker.database.pool import open_connection
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs
from worker.workspace.options import WorkspaceOptions

LIFE = timedelta(seconds=3)
DEADLINE = timedelta(seconds=1.5)
_CLIENTS = 4
# The SDK asks anew for an OAuth token that has less than 40 s to live.
_ASKED_EACH_TIME = timedelta(seconds=30)
_OAUTH = "/oidc/v1/token"
_HANG = 5.0
_TICK = 0.005
_MOST = 0.05


@dataclass
class Report:
    """What a soak has seen."""

    seconds: float = 0.0
    connections: int = 0
    failures: list[str] = field(default_factory=list)
    longest: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    minted: int = 0

    @property
    def most_asked(self) -> float:
        """How often the workspace may have been asked for a token at most."""
        return 1 + self.seconds / SHORTEST_PAUSE

    def __str__(self) -> str:
        faults = ", ".join(f"{number} {kind}" for kind, number in sorted(self.faults.items()))
        return (
            f"{self.connections} connections in {self.seconds:.0f} s, {len(self.failures)} failed, "
            f"the longest took {self.longest:.2f} s\n"
            f"{self.asked} requests for a token (at most {self.most_asked:.0f}), "
            f"{self.minted} minted\nfaults: {faults}"
        )


@asynccontextmanager
async def cached(
    workspace: Workspace,
    deadline: timedelta,
    database: LakebaseDatabase | None = None,
    *,
    host: str | None = LOOPBACK,
) -> AsyncIterator[CachedPassword]:
    """Give the tokens of `workspace` as the worker would, through HTTP."""
    with serving(workspace) as url:
        provider = Lakebase(
            database or LakebaseEndpoint(ENDPOINT),
            WorkspaceOptions(
                databricks_host=url,
                databricks_client_id=workspace.client_id,
                databricks_client_secret=SecretStr(workspace.client_secret),
            ),
            user=None,
            host=host,
            deadline=deadline,
        )
        async with CredentialCache(provider).running() as cache:
            yield CachedPassword(cache)


async def soak(server: Postgres, backend: Backend, seconds: float, seed: int) -> Report:
    """Open connections for `seconds` while faults come; return what happened."""
    report = Report()
    workspace = server_workspace(server, LIFE)
    workspace.oauth_life = _ASKED_EACH_TIME
    options = database_options(backend.worker, token=True)
    end = time.monotonic() + seconds
    began = time.monotonic()

    async def client(passwords: CachedPassword) -> None:
        while time.monotonic() < end:
            start = time.monotonic()
            try:
                async with open_connection(options, passwords) as connection:
                    await connection.fetchval("SELECT 1")
            except DatabaseError as error:
                report.failures.append(str(error))
            report.connections += 1
            report.longest = max(report.longest, time.monotonic() - start)

    async with cached(workspace, DEADLINE) as passwords, anyio.create_task_group() as tasks:
        await passwords.password()
        tasks.start_soon(_misbehave, workspace, report, random.Random(seed), end)  # noqa: S311
        for _ in range(_CLIENTS):
            tasks.start_soon(client, passwords)
    report.seconds = time.monotonic() - began
    report.asked = workspace.requests["/api/2.0/postgres/credentials"]
    report.minted = workspace.issuer.minted
    return report


async def _misbehave(
    workspace: Workspace, report: Report, chance: random.Random, end: float
) -> None:
    """Let every kind of fault come, in rounds of a random order, and a revocation in each."""
    kinds: list[FaultKind | None] = []
    while time.monotonic() < end:
        if not kinds:
            kinds = [*FaultKind, None]
            chance.shuffle(kinds)
        kind = kinds.pop()
        report.faults[kind or "revocation"] += 1
        if kind is None:
            await workspace.issuer.revoke(workspace.client_id)
        elif kind is FaultKind.CLOCK:
            workspace.faults.add(Fault(kind, seconds=chance.choice([-7200.0, 7200.0])))
        else:
            path = chance.choice(["/credentials", _OAUTH])
            workspace.faults.add(Fault(kind, path, seconds=0.5))
        await anyio.sleep(chance.uniform(0.5, 1.0))
        while workspace.faults.left and time.monotonic() < end:  # noqa: ASYNC110
            await anyio.sleep(0.1)


async def standstill(workspace: Workspace) -> tuple[float, float]:
    """Return how long the token endpoint hung, and the longest time between two ticks meanwhile."""
    workspace.oauth_life = _ASKED_EACH_TIME
    longest = 0.0
    async with cached(workspace, timedelta(seconds=_HANG)) as passwords:
        login = await passwords.password()
        workspace.faults.add(Fault(FaultKind.HANG, _OAUTH, times=99))
        await passwords.rejected(login)
        began = last = time.monotonic()
        while last - began < _HANG:
            await anyio.sleep(_TICK)
            now = time.monotonic()
            longest = max(longest, now - last - _TICK)
            last = now
    return _HANG, longest


async def main(seconds: float, seed: int) -> int:
    """Print both reports; return 1 if a promise was broken."""
    configure_logs(LogFormat.JSON, level=LogLevel.ERROR)
    with tempfile.TemporaryDirectory() as folder, Postgres.running(Path(folder)) as server:
        backend = await create_backend(server, "soak")
        hung, longest = await standstill(server_workspace(server, LIFE))
        share = longest / hung
        print(f"the token endpoint hung {hung:.0f} s: longest gap between two ticks of the loop")
        print(f"{longest * 1000:.0f} ms, {share:.1%} of it (at most 5 %)")
        report = await soak(server, backend, seconds, seed)
        print(report)
        print(*dict.fromkeys(report.failures), sep="\n")
    kept = not report.failures and report.asked <= report.most_asked and share < _MOST
    return 0 if kept else 1


if __name__ == "__main__":
    arguments = dict(enumerate(sys.argv))
    sys.exit(anyio.run(main, float(arguments.get(1, 60)), int(arguments.get(2, 1))))
