"""`dqx-worker doctor` as a process, and cases of set-ups that are wrong in one way each."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import anyio

from deploy.sandbox.find_secrets import leaked
from tests.support.command import command
from worker.cli.exit_codes import ExitCode

# A process imports heavy libraries; the machine may have two cores.
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor said of one set-up."""

    code: int
    findings: Mapping[str, Mapping[str, Any]]
    written: bytes
    seconds: float

    def steps(self, status: str) -> list[str]:
        return [name for name, one in self.findings.items() if one["status"] == status]

    def hints(self, step: str) -> str:
        return "\n".join(self.findings[step]["hints"])


@dataclass(frozen=True, slots=True)
class Case:
    """A set-up that is wrong: the step that tells of it, the exit code, and what the hint says.

    With exit code 0 the step is passed and the hint is a remark. `sql` breaks a database of the
    case's own; `{database}` in it is the database's name.
    """

    name: str
    step: str
    code: ExitCode
    words: Sequence[str]
    changes: Mapping[str, str] = field(default_factory=dict)
    sql: str = ""
    arguments: Sequence[str] = ("--no-engine",)

    def __str__(self) -> str:
        return self.name


async def examined(environment: Mapping[str, str], *arguments: str) -> Report:
    """Run the doctor at DEBUG, with tracebacks, so that all that could be written is."""
    began = time.monotonic()
    answer = await command(
        {"DQX_WORKER_LOG_LEVEL": "debug", **environment},
        *("--traceback", "doctor", "--json", *arguments),
        seconds=100,
    )
    (line,) = answer.stdout.splitlines() or ["[]"]
    return Report(
        code=answer.returncode,
        findings={one["step"]: one for one in json.loads(line)},
        written=(answer.stdout + answer.stderr).encode(),
        seconds=time.monotonic() - began,
    )


async def examine_all(
    cases: Sequence[Case],
    prepare: Callable[[Case], AbstractAsyncContextManager[Mapping[str, str]]],
) -> dict[str, Report]:
    """Run the doctor on each case, several at a time; `prepare` gives a case's
    environment while it runs."""
    limiter = anyio.CapacityLimiter(_AT_ONCE)
    reports: dict[str, Report] = {}

    async def run(case: Case) -> None:
        async with limiter, prepare(case) as environment:
            reports[case.name] = await examined(environment, *case.arguments)

    async with anyio.create_task_group() as tasks:
        for case in cases:
            tasks.start_soon(run, case)
    return reports


def check(case: Case, report: Report, secrets: Sequence[str]) -> None:
    """Assert that the report leads to what is wrong with the case, and shows no secret."""
    reported = f"exit {report.code}: {json.dumps(list(report.findings.values()), indent=1)}"
    assert report.code == case.code, reported
    failed = report.steps("failed")
    assert failed[:1] == ([] if case.code == ExitCode.SUCCESS else [case.step]), reported
    hints = report.hints(case.step)
    assert [words for words in case.words if words not in hints] == [], hints
    assert leaked(secrets, report.written) == []
