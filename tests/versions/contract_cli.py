"""datacontract-cli, in an environment of its own, beside DQX: the rules that each reads."""

import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.sandbox.backend import create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_environment
from tests.round_trip.accept_and_export import CONTRACT, comparable, read_by_dqx, travel
from tests.round_trip.cases import CASES
from tests.support.command import command
from tests.support.options import database_options, password_of
from tests.versions.uv import CACHE, Uv, interpreter
from worker.database.migrate import migrate
from worker.database.pool import Database

__all__ = ["Compared", "compare", "compared"]

PIN = "datacontract-cli>=1.2,<1.3"
_SCRIPT = Path(__file__).with_name("cli_rules.py")
_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Compared:
    """The rules that both read, and those that one of them reads alone."""

    version: str
    model: str
    lint: tuple[str, ...]
    """What the linter says, of each check that it runs."""
    valid: bool
    equal: int
    dqx_alone: int
    cli_alone: int

    @property
    def fine(self) -> bool:
        """Return whether both read the same rules of a valid contract."""
        return self.valid and self.equal > 0 and not self.dqx_alone and not self.cli_alone

    def __str__(self) -> str:
        if self.fine:
            return f"the same {self.equal} rules"
        return f"{self.equal} equal, {self.dqx_alone} of DQX alone, {self.cli_alone} of it alone"


async def compare(uv: Uv) -> Compared:
    """Export a contract with a check of every function, and let both read it."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "contract.yaml"
        file.write_text(await _exported(Path(name)), "utf-8")
        said = subprocess.run(
            [_installed(uv), _SCRIPT, file],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=True,
        )
        # Its log comes before.
        return compared(json.loads(said.stdout.splitlines()[-1]), yaml.safe_load(file.read_text()))


def compared(said: Mapping[str, Any], odcs: Mapping[str, Any]) -> Compared:
    """Return how what datacontract-cli says of a contract compares with what DQX reads of it."""
    theirs = Counter(
        _rule(one["schema"], one["implementation"])
        for one in said["rules"]
        if (one["type"], one["engine"]) == ("custom", "dqx")
    )
    read = read_by_dqx(odcs)
    dqx = Counter(_rule(one["user_metadata"]["schema"], one) for one in read)
    return Compared(
        said["version"],
        said["model"],
        tuple(name for name, _ in said["lint"]),
        {result for _, result in said["lint"]} == {"passed"},
        (theirs & dqx).total(),
        (dqx - theirs).total(),
        (theirs - dqx).total(),
    )


def _rule(schema: str, implementation: Mapping[str, Any]) -> str:
    """Return what has to be equal; the arguments of a check name its columns."""
    return f"{schema}: {comparable(implementation)}"


async def _exported(folder: Path) -> str:
    """Return what `dqx-worker checks` prints of a contract whose suggestions were accepted."""
    with Postgres.running(folder / "postgres") as server:
        backend = await create_backend(server, "contract_cli")
        options, password = database_options(backend.worker), password_of(backend.worker)
        await migrate(options, password)
        await backend.add_contract(CONTRACT)
        async with Database.open(options, password) as database:
            await travel(backend, database, list(CASES.values()))
        environment = worker_environment(backend.worker, folder)
        printed = await command(environment, "checks", CONTRACT.id, "--format", "odcs")
    if printed.returncode:
        raise RuntimeError(printed.stderr)
    return str(printed.stdout)


def _installed(uv: Uv) -> Path:
    python = interpreter("3.12") or interpreter("3.11")
    if python is None:
        raise RuntimeError("no Python 3.11 or 3.12 was found")
    found = uv.resolved("--python", python, requirement=[PIN])
    pins = [f"{name}=={version}" for name, version in found.items()]
    return uv.environment(CACHE / "datacontract-cli", python, pins)
