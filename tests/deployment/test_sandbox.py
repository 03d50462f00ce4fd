"""The sandbox: what it prints works as it is printed, and what the demo shows is short."""

import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.best_suggestions import best, findings, short_rule, sure
from deploy.sandbox.demo_output import Screen
from deploy.sandbox.lasting_sandbox import DATABASE, stop
from deploy.sandbox.logged_programs import ProgramFailed, run_logged
from deploy.sandbox.own_file import add
from deploy.sandbox.postgres import Postgres

pytestmark = pytest.mark.anyio

# It starts Spark, or needs a worker that has.
SPARK = re.compile(r"dqx-worker (run|enqueue .*--wait|job .*)$|--watch$|^make ")


_PLAY = (
    "import sys, anyio, pathlib; from deploy.sandbox.lasting_sandbox import play;"
    "anyio.run(play, pathlib.Path(sys.argv[1]))"
)


def start(folder: Path) -> str:
    """Start the sandbox as its command does, whose children outlive it; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", _PLAY, str(folder)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The folder of a sandbox that runs, with what it has printed in `printed`."""
    folder = tmp_path_factory.mktemp("sandbox")
    printed = await anyio.to_thread.run_sync(start, folder)
    (folder / "printed").write_text(printed)
    yield folder
    await stop(folder)


def steps(printed: str) -> list[str]:
    """Return the printed commands in their order, each on a line of its own."""
    lines = [line[4:] for line in printed.splitlines() if line.startswith("    ")]
    text = "\n".join(lines).replace("\\\n", "")
    # A statement in quotes goes on over lines.
    return re.sub(
        r'"[^"\n]*(?:\\"[^"\n]*|\n[^"\n]*)*"', lambda m: m[0].replace("\n", " "), text
    ).splitlines()


async def test_the_steps_that_the_sandbox_prints_work_in_their_order(home: Path) -> None:
    printed = (home / "printed").read_text()
    commands = steps(printed)
    assert commands[0].startswith("source ")
    assert [one for one in commands if one.startswith("make ")] == [
        f"make -C {home.parent} sandbox-add FILE=/path/to/your.csv"
    ]
    script = [one for one in commands if not SPARK.search(one)]
    script = [one.replace("doctor", "doctor --no-engine") for one in script]
    assert len(script) >= 8
    done = await anyio.to_thread.run_sync(
        lambda: subprocess.run(
            ["bash", "-eu", "-o", "pipefail"],
            input="\n".join(script),
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ready" in done.stdout
    assert done.stdout.count("INSERT 0 1") == 2


async def test_a_file_of_ones_own_becomes_a_contract_that_follows_the_file(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backend = Backend.of(Postgres.at(home / "play"), DATABASE)
    file = tmp_path / "my orders.csv"
    for columns in (["id", "price"], ["id", "price", "day"]):
        file.write_text(",".join(columns) + "\n" + ",".join("1" for _ in columns) + "\n")
        await add(home, file)
        async with backend.connection() as connection:
            rows = await connection.fetch(
                "SELECT o.physical_name, p.name FROM data_contract_schema_objects o"
                " JOIN data_contract_schema_properties p ON p.object_id = o.id"
                " WHERE o.contract_id = 'my orders' ORDER BY p.ctid"
            )
        assert [row["name"] for row in rows] == columns
        assert {row["physical_name"] for row in rows} == {str(home / "tables/own/my orders.csv")}
    assert "--contract 'my orders' --schema 'my orders' --wait" in capsys.readouterr().out
    for wrong in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(SystemExit, match=r"is no file whose name ends in \.csv or \.parquet"):
            await add(home, wrong)


async def test_a_program_that_fails_names_its_log_and_logs_nowhere_else(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    script = "import sys; print('result'); print('line of log', file=sys.stderr); sys.exit({})"
    command = [sys.executable, "-c", script.format(0)]
    assert await run_logged(command, {}, log) == b"result\n"
    with pytest.raises(ProgramFailed) as failed:
        await run_logged([sys.executable, "-c", script.format(3)], {}, log)
    assert f"ended with 3. Its log is {log}, which ends:\nline of log\nline of log" in str(
        failed.value
    )
    assert capfd.readouterr() == ("", "")


def row(
    schema: str, function: str, rule: str, confidence: str | None = "0.99", **evidence: Any
) -> dict[str, Any]:
    check = {"check": {"function": function, "arguments": {}}}
    return {
        "schema_name": schema,
        "implementation": json.dumps(check),
        "rule": rule,
        "confidence_score": confidence,
        "tried": 4_738,
        "failing": 0,
        "examples": None,
        **evidence,
    }


FINDING = row(
    "a", "is_in_range", "wind_speed from 0 to 44.7", None, failing=1, examples=["1048.36"]
)
ROWS = [
    row("a", "is_not_null", "x is filled"),
    row("a", "is_in_range", "air_time from 23 to 434", "0.95"),
    row("a", "is_in_range", "day from 1 to 31"),
    row("a", "is_in_list", "year is always 2013"),
    row("a", "is_in_list", "origin in EWR, JFK, LGA"),
    FINDING,
    *(row("b", "is_not_null", f"b{number} is filled", "0.97") for number in range(20)),
]


def test_each_table_shows_its_best_suggestions() -> None:
    rules = [one["rule"] for one in best(ROWS, 4)]
    assert rules[:2] == ["origin in EWR, JFK, LGA", "day from 1 to 31"]
    assert len(rules) == 4
    assert all(rule.startswith("b") for rule in rules[2:])
    # A finding is none of them: some rows break it.
    assert len(best(ROWS, 100)) == len(ROWS) - 1
    assert findings(ROWS) == [FINDING]


def test_sure_is_what_no_row_breaks_with_a_high_confidence() -> None:
    assert [one["rule"] for one in sure(ROWS)] == [
        "x is filled",
        "day from 1 to 31",
        "year is always 2013",
        "origin in EWR, JFK, LGA",
    ]


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ("lon from -176.646 to -13.862935270953827", "lon from -176.6 to -13.86"),
        (
            "p from 995.45146… to 1040.3806… (exactly from 995.4514686976653 to 1)",
            "p from 995.5 to 1040",
        ),
        ("day from 1 to 31", "day from 1 to 31"),
        ("day from 2013-01-01 to 2013-12-31 UTC", "day from 2013-01-01 to 2013-12-31 UTC"),
    ],
)
def test_numbers_are_short(rule: str, shown: str) -> None:
    assert short_rule(rule) == shown


def test_the_demo_shows_ten_and_says_of_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().suggestions(ROWS)
    out = capsys.readouterr().out
    best_rules, found = out.split("1 findings: rules")
    assert f"The 10 best of {len(ROWS)} suggestions" in best_rules
    assert len([line for line in best_rules.splitlines() if line.startswith("│")]) == 10
    assert re.search(r"wind_speed from 0 to 44\.7 +│ 1 of 4,738 +│ 1048\.36 ", found)
    assert f"4 of {len(ROWS)} can be accepted without a look" in found
