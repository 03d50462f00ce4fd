"""Nothing that a contract, a request, a file or an error holds is obeyed by a terminal."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
import yaml

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from deploy.sandbox.worker_process import worker_environment
from tests.support.command import run_command, run_on_terminal
from tests.support.options import database_options, password_of
from worker.backend.suggestions.write import write_suggestions
from worker.checks.implementation import implementation
from worker.cli.exit_codes import ExitCode
from worker.counting.check import Check
from worker.database.migrate import migrate
from worker.database.pool import Connection, Database
from worker.suggestions.suggestion_row import SuggestionRow

pytestmark = pytest.mark.anyio

CONTRACT = "[bold]c\x1b]0;title\x07"
SCHEMA = "\x1b[5mblinking\u202e"
RUN = "r[/x]\x1b[5m"
MESSAGE = "a bell \x07, a line\ndqx-worker: forged, [bold]markup[/nothing] and \x9b5m"
WAITING, RUNNING, ENDED = f"{RUN} waits", f"{RUN} runs", f"{RUN} ended"
WORKER = "w\x1b[5m[/]"
ALLOWED = ["\x1b[5m", "\x7f\x85\x9b", "\u2028 and \u202e", "[bold]", "naïve 表"]

# As a person reads them.
SHOWN_CONTRACT = r"[bold]c\x1b]0;title\x07"
SHOWN_SCHEMA = r"\x1b[5mblinking\u202e"
SHOWN_RUN = r"r[/x]\x1b[5m"
SHOWN_MESSAGE = r"a bell \x07, a line\ndqx-worker: forged, [bold]markup[/nothing] and \x9b5m"
SHOWN_WORKER = r"w\x1b[5m[/]"

# What rich writes itself: colours (the test's own blinks), and the cursor of a table that it draws.
RICHS = re.compile(r"\x1b\[(?!5m)(\d+(;\d+)*m|\?25[hl]|2K|1A)|[\r\n]")
OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command writes, on stdout and stderr or on a terminal."""

    code: int
    text: str
    stdout: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its exit code and what a person has to read.

    `changes`: it ends a run, and the contract's waiting suggestions go to the run that ends.
    """

    arguments: tuple[str, ...]
    words: tuple[str, ...] = ()
    code: ExitCode = ExitCode.SUCCESS
    ways: tuple[str, ...] = ("on a terminal",)
    changes: bool = False


BOTH = ("into a pipe", "on a terminal")
COMMANDS = {
    "runs": Command(("status",), (SHOWN_RUN, SHOWN_CONTRACT, SHOWN_MESSAGE), ways=BOTH),
    "run": Command(
        ("status", RUN),
        (SHOWN_RUN, SHOWN_CONTRACT, SHOWN_MESSAGE, SHOWN_SCHEMA, SHOWN_WORKER),
        ways=BOTH,
    ),
    "no run": Command(("status", RUN + "!"), (f"{SHOWN_RUN}!",), ExitCode.USAGE),
    "suggestions": Command(("suggestions", RUN), (SHOWN_SCHEMA, r"a bell \x07"), ways=BOTH),
    "cancel": Command(
        ("cancel", WAITING, "--reason", MESSAGE), (SHOWN_RUN, SHOWN_MESSAGE), changes=True
    ),
    "no cancel": Command(
        ("cancel", RUN, "--reason", "x"), (SHOWN_RUN, SHOWN_MESSAGE), ExitCode.RUN_FAILED
    ),
    "adopt": Command(("adopt", RUNNING, "--by", MESSAGE), (SHOWN_RUN, SHOWN_MESSAGE), changes=True),
    "no cancel of several": Command(
        ("cancel", "--status", "running", "--reason", "x", "--yes"),
        (SHOWN_RUN,),
        ExitCode.RUN_FAILED,
        BOTH,
    ),
    "no retry": Command(("retry", RUN), (SHOWN_RUN,), ExitCode.RUN_FAILED),
    "pause": Command(("pause",), (SHOWN_MESSAGE,)),
    "queue": Command(("queue",), (SHOWN_MESSAGE,), ways=BOTH),
    "resume": Command(("resume",), (SHOWN_MESSAGE,), changes=True),
    "enqueue": Command(
        ("enqueue", "--contract", CONTRACT + "!", "--schema", SCHEMA),
        (f"{SHOWN_CONTRACT}!",),
        ExitCode.USAGE,
    ),
    "checks": Command(("checks", CONTRACT, "--status", "pending"), ways=BOTH[:1]),
    "json checks": Command(
        ("checks", CONTRACT, "--status", "pending", "--format", "json"), ways=BOTH[:1]
    ),
    "json run": Command(("status", RUN, "--json"), ways=BOTH[:1]),
    "doctor": Command(("doctor", "--no-engine"), (SHOWN_SCHEMA, SHOWN_RUN), ways=BOTH),
    "traceback": Command(
        ("--traceback", "adopt", RUN + "!"), ("Traceback", f"{SHOWN_RUN}!"), ExitCode.USAGE
    ),
}
CASES = [(name, way) for name, command in COMMANDS.items() for way in command.ways]


@pytest.fixture(scope="module")
async def backend(server: Postgres) -> Backend:
    """A contract whose run has failed, with a suggestion; runs that wait, and runs of nobody's."""
    made = await create_backend(server, "hostile")
    properties = (Property("id", "string", "STRING", required=False),)
    schema = Schema(SCHEMA, "main.shop.orders", "", properties)
    await made.add_contract(Contract(CONTRACT, "c", (schema,)))
    runs = [
        (RUN, "failed", MESSAGE),
        # Each of two that examine the set-up at the same time locks a run that has ended.
        (ENDED, "failed", MESSAGE),
        (WAITING, "pending", None),
        (RUNNING, "running", None),
    ]
    async with made.connection() as owner:
        await owner.executemany(
            "INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status,"
            f" error_message) VALUES ($1, '{CONTRACT}', 'dqx', '[]', $2, $3)",
            runs,
        )
    options, password = database_options(made.worker), password_of(made.worker)
    await migrate(options, password)
    async with Database.open(options, password) as database, database.transaction() as transaction:
        await write_results(transaction)
    return made


async def write_results(transaction: Connection) -> None:
    await transaction.execute(
        "UPDATE claiming SET paused = true, changed_by = $1, reason = $1", MESSAGE
    )
    await transaction.execute(
        "INSERT INTO attempts (run_id, number, worker, ended_at, outcome)"
        " VALUES ($1, 1, $2, now(), 'failed')",
        RUN,
        WORKER,
    )
    await transaction.execute(
        "INSERT INTO table_progress (run_id, schema_name, attempt, state, error)"
        " VALUES ($1, $2, 1, 'failed', $3)",
        RUN,
        SCHEMA,
        MESSAGE,
    )
    check = Check(
        "is_in_list", {"column": "id", "allowed": ALLOWED}, "id_is_not_in_the_list", "error"
    )
    row = SuggestionRow(
        id="s",
        property_name=SCHEMA,
        name=MESSAGE,
        description=MESSAGE,
        level="property",
        dimension="conformity",
        severity="error",
        type="custom",
        rule=MESSAGE,
        engine="dqx",
        implementation=implementation(check),
        rationale=MESSAGE,
    )
    await write_suggestions(
        transaction, run_id=RUN, contract_id=CONTRACT, schema_name=SCHEMA, rows=[row]
    )


@pytest.fixture(scope="module")
async def written(backend: Backend, tables_folder: Path) -> Mapping[tuple[str, str], Shown]:
    """What every command writes into a pipe and on a terminal."""
    environment = worker_environment(backend.worker, tables_folder)
    found: dict[tuple[str, str], Shown] = {}
    limiter = anyio.CapacityLimiter(3)

    def piped(*arguments: str) -> Shown:
        answer = run_command(environment, *arguments)
        return Shown(answer.returncode, answer.stdout + answer.stderr, answer.stdout)

    def shown(*arguments: str) -> Shown:
        return Shown(*run_on_terminal(environment, *arguments))

    async def run(name: str, way: str) -> None:
        work = shown if way == "on a terminal" else piped
        found[name, way] = await anyio.to_thread.run_sync(
            work, *COMMANDS[name].arguments, limiter=limiter
        )

    for changes in (False, True):
        async with anyio.create_task_group() as tasks:
            for name, way in CASES:
                if COMMANDS[name].changes == changes:
                    tasks.start_soon(run, name, way)
    return found


@pytest.mark.parametrize(("name", "way"), CASES)
async def test_what_a_command_shows_is_read_and_not_obeyed(
    written: Mapping[tuple[str, str], Shown], name: str, way: str
) -> None:
    shown = written[name, way]
    assert shown.code == COMMANDS[name].code, shown.text
    assert OBEYED.search(RICHS.sub("", shown.text)) is None
    assert [words for words in COMMANDS[name].words if words not in shown.text] == []
    # No line of what was written into a message passes for one of the command's own.
    assert not re.search(r"^dqx-worker: forged", shown.text, re.MULTILINE)


async def test_what_is_written_for_programs_keeps_its_value(
    written: Mapping[tuple[str, str], Shown],
) -> None:
    run = json.loads(written["json run", "into a pipe"].stdout)
    assert (run["id"], run["contract_id"], run["error_message"]) == (RUN, CONTRACT, MESSAGE)
    for name, read in (("checks", yaml.safe_load), ("json checks", json.loads)):
        (check,) = read(written[name, "into a pipe"].stdout)
        assert check["check"]["arguments"]["allowed"] == ALLOWED
