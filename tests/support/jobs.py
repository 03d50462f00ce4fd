"""`dqx-worker job` as a job runner launches it."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio.to_thread

from tests.support.forked_commands import DQX_WORKER, run_forked

_DEADLINE = 120.0


@dataclass(frozen=True, slots=True)
class Launched:
    """How a launch ended, and what it printed for people and for programs."""

    code: int
    printed: str
    errors: str

    def phases(self) -> list[str]:
        """The phases in their order, each once in a row."""
        names = [line[11:27].strip() for line in self.printed.splitlines()]
        return [name for number, name in enumerate(names) if names[number - 1 : number] != [name]]


def arguments(
    run: str, contract: str = "c", schemas: Sequence[str] | str = ("t",), **more: str
) -> list[str]:
    """Return the parameters of a launch, as the replaced job's."""
    names = schemas if isinstance(schemas, str) else json.dumps(list(schemas))
    given = {"contract_id": contract, "schema_names": names, "profile_run_id": run, **more}
    return [part for name, value in given.items() for part in (f"--{name}", value)]


async def launch(
    environment: Mapping[str, str], *parameters: str, module: str = DQX_WORKER
) -> Launched:
    """Run a job to its end, by `dqx-worker` or that of another module."""
    run = functools.partial(
        run_forked, ["job", *parameters], environment, timeout=_DEADLINE, module=module
    )
    answer = await anyio.to_thread.run_sync(run)
    return Launched(answer.returncode, answer.stdout, answer.stderr)
