"""`dqx-worker checks`: what DQX takes as it is."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from databricks.labs.dqx.checks_storage import FileChecksStorageHandler
from databricks.labs.dqx.config import FileChecksStorageConfig
from databricks.labs.dqx.engine import DQEngineCore

from deploy.sandbox.accept_suggestions import accept, reject
from deploy.sandbox.backend import Backend
from deploy.sandbox.contract_edits import change_suggestion
from deploy.sandbox.sample_contracts import Contract, Schema
from deploy.sandbox.worker_process import worker_environment
from tests.round_trip.accept_and_export import CONTRACT, SCHEMA, comparable, read_by_dqx, rows_of
from tests.round_trip.cases import CASES
from tests.round_trip.schemas import VERSIONS, wrong
from tests.support.command import run_command
from worker.backend.suggestions.write import write_suggestions
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database
from worker.suggestions.suggestion_row import SuggestionRow

pytestmark = pytest.mark.anyio

SECOND = "other table"


@pytest.fixture
async def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    """A contract with suggestions: of every case, some accepted, one rejected, others waiting."""
    schemas = (*CONTRACT.schemas, Schema(SECOND, "main.shop.other", "", ()))
    await backend.add_contract(Contract(CONTRACT.id, CONTRACT.name, schemas))
    run_id = await backend.request(CONTRACT.id, [SCHEMA, SECOND])
    rows = rows_of(CASES.values(), run_id)
    async with database.transaction() as transaction:
        for name, chosen in ((SCHEMA, rows[:-1]), (SECOND, rows[-1:])):
            await write_suggestions(
                transaction, run_id=run_id, contract_id="c", schema_name=name, rows=chosen
            )
    await accept(backend, [row.id for row in rows[2:]])
    await reject(backend, [rows[1].id])
    return worker_environment(backend.worker, tmp_path)


def ran(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command(environment, "checks", *arguments)


def expected(first: int, last: int | None = None) -> Counter[str]:
    return compared(rows_of(CASES.values(), "any")[first:last])


def compared(rows: Iterable[SuggestionRow]) -> Counter[str]:
    return Counter(comparable(json.loads(row.implementation)) for row in rows)


@pytest.mark.parametrize("form", ["yaml", "json"])
async def test_dqx_loads_the_file_as_it_is(
    environment: dict[str, str], tmp_path: Path, form: str
) -> None:
    printed = ran(environment, "c", "--schema", SCHEMA, "--format", form)
    assert (printed.returncode, printed.stderr) == (0, "")
    file = tmp_path / f"checks.{form}"
    file.write_text(printed.stdout)
    loaded = FileChecksStorageHandler().load(FileChecksStorageConfig(location=str(file)))
    assert Counter(map(comparable, loaded)) == expected(2, -1)
    assert not DQEngineCore.validate_checks(loaded).has_errors


async def test_dqx_reads_the_contract_as_it_is(environment: dict[str, str]) -> None:
    printed = ran(environment, "c", "--format", "odcs")
    assert (printed.returncode, printed.stderr) == (0, "")
    odcs: dict[str, Any] = yaml.safe_load(printed.stdout)
    assert [wrong(odcs, version) for version in VERSIONS] == [[], [], []]
    assert wrong(odcs, strict=True) == []
    # With all that DQX does of itself.
    read = read_by_dqx(odcs, generate_predefined_rules=True, generate_schema_validation=True)
    assert Counter(map(comparable, read)) == expected(2)
    assert {one["name"]: one["physicalName"] for one in odcs["schema"]} == {
        SCHEMA: "main.shop.orders",
        SECOND: "main.shop.other",
    }


async def test_what_waits_is_printed_on_demand(environment: dict[str, str]) -> None:
    for status, checks in (("pending", expected(0, 1)), ("all", expected(0, 1) + expected(2, -1))):
        printed = ran(environment, "c", "--schema", SCHEMA, "--status", status, "--format", "json")
        assert Counter(map(comparable, json.loads(printed.stdout))) == checks


async def test_of_a_rule_that_was_changed_the_newest_is_printed(
    environment: dict[str, str], backend: Backend, database: Database
) -> None:
    case = CASES["is_in_range"]
    changed = replace(case, arguments={**case.arguments, "max_limit": 7})
    run_id = await backend.request(CONTRACT.id, [SCHEMA])
    rows = rows_of([changed], run_id)
    async with database.transaction() as transaction:
        await write_suggestions(
            transaction, run_id=run_id, contract_id="c", schema_name=SCHEMA, rows=rows
        )

    def printed(status: str) -> Counter[str]:
        reported = ran(environment, "c", "--schema", SCHEMA, "--status", status, "--format", "json")
        return Counter(map(comparable, json.loads(reported.stdout)))

    before = expected(2, -1)
    now = before - compared(rows_of([case], "any")) + compared(rows)
    assert printed("accepted") == before
    assert printed("all") == now + expected(0, 1)
    await accept(backend, [row.id for row in rows])
    assert printed("accepted") == now


@pytest.fixture
async def range_suggestion(
    environment: dict[str, str], backend: Backend, database: Database
) -> SuggestionRow:
    """A suggestion of another table, which waits."""
    run_id = await backend.request(CONTRACT.id, [SECOND])
    (row,) = rows_of([CASES["is_in_range"]], run_id)
    async with database.transaction() as transaction:
        await write_suggestions(
            transaction, run_id=run_id, contract_id="c", schema_name=SECOND, rows=[row]
        )
    return row


def of_second(environment: dict[str, str], *more: str) -> tuple[dict[str, Any], str]:
    """Return the one check of the other table that waits, and what is printed of it on stderr."""
    reported = ran(environment, "c", "--schema", SECOND, "--status", "pending", *more)
    assert reported.returncode == 0
    (check,) = yaml.safe_load(reported.stdout)
    return check, reported.stderr


@pytest.mark.parametrize(
    ("severity", "criticality"),
    [
        ("error", "error"),
        ("Critical", "error"),
        ("warning", "warn"),
        ("INFO", "warn"),
        (None, "error"),
        ("", "error"),
    ],
)
async def test_the_severity_that_a_steward_chose_is_the_criticality(
    environment: dict[str, str],
    backend: Backend,
    range_suggestion: SuggestionRow,
    severity: str | None,
    criticality: str,
) -> None:
    await change_suggestion(backend, range_suggestion.id, severity=severity)

    check, warnings = of_second(environment)

    assert (check["criticality"], warnings) == (criticality, "")
    assert check["check"] == json.loads(range_suggestion.implementation)["check"]


async def test_a_contract_says_the_severity_that_a_steward_chose(
    environment: dict[str, str], backend: Backend, range_suggestion: SuggestionRow
) -> None:
    await change_suggestion(backend, range_suggestion.id, severity="Info")

    printed = ran(environment, "c", "--format", "odcs", "--status", "pending", "--schema", SECOND)

    (schema,) = yaml.safe_load(printed.stdout)["schema"]
    (quality,) = schema["quality"]
    assert quality["severity"] == "info"
    assert quality["implementation"]["criticality"] == "warn"
    assert printed.stderr == ""


@pytest.mark.parametrize(
    ("dimension", "printed_as"),
    [(" Accuracy", "accuracy"), ("of the fourth kind", "conformity"), (None, "conformity")],
)
async def test_a_contract_has_the_dimension_of_the_suggestion_if_odcs_knows_it(
    environment: dict[str, str],
    backend: Backend,
    range_suggestion: SuggestionRow,
    dimension: str | None,
    printed_as: str,
) -> None:
    """A finding about bounds is `accuracy`, although its function is `conformity`."""
    await change_suggestion(backend, range_suggestion.id, dimension=dimension)

    printed = ran(environment, "c", "--format", "odcs", "--status", "pending", "--schema", SECOND)

    odcs = yaml.safe_load(printed.stdout)
    assert wrong(odcs, strict=True) == []
    (quality,) = odcs["schema"][0]["quality"]
    assert quality["dimension"] == printed_as


async def test_a_severity_that_stands_for_no_criticality_is_warned_of(
    environment: dict[str, str], backend: Backend, range_suggestion: SuggestionRow
) -> None:
    await change_suggestion(backend, range_suggestion.id, severity="urgent\x1b[31m")

    check, warnings = of_second(environment)

    assert check["criticality"] == "error"
    assert warnings == (
        f'dqx-worker: Suggestion {range_suggestion.id}: its severity "urgent\\x1b[31m" stands for '
        "no criticality; the implementation's is printed: error\n"
    )


async def test_a_rule_whose_words_a_steward_changed_is_printed_as_it_is_and_warned_of(
    environment: dict[str, str], backend: Backend, range_suggestion: SuggestionRow
) -> None:
    await change_suggestion(backend, range_suggestion.id, rule="never\nbelow 0\x1b[31m" + "!" * 999)

    check, warnings = of_second(environment)

    assert check["check"] == json.loads(range_suggestion.implementation)["check"]
    (line,) = warnings.splitlines()
    assert line.startswith(
        f'dqx-worker: Suggestion {range_suggestion.id}: its rule reads "never\\nbelow 0\\x1b[31m!!!'
    )
    assert line.endswith(
        f'…", but its implementation means "{range_suggestion.rule}"; the implementation is printed'
    )
    assert len(line) < 600


async def test_white_space_and_case_change_no_rule(
    environment: dict[str, str], backend: Backend, range_suggestion: SuggestionRow
) -> None:
    for rule in (f"  {range_suggestion.rule.upper()}\n", "", None):
        await change_suggestion(backend, range_suggestion.id, rule=rule)
        assert of_second(environment)[1] == ""


async def test_rules_of_other_programs_are_in_words_of_their_own(
    environment: dict[str, str], backend: Backend, range_suggestion: SuggestionRow
) -> None:
    async with backend.connection() as owner:
        await owner.execute(
            "UPDATE suggested_quality_checks SET source = 'llm', rule = 'in range' WHERE id = $1",
            range_suggestion.id,
        )
    assert of_second(environment)[1] == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "There is no contract nothing"),
        (["c", "--schema", "no such"], "Contract c has no schema no such"),
        (["c"], f"give --schema, one of {SCHEMA}, {SECOND}"),
    ],
)
async def test_what_there_is_not_is_reported(
    environment: dict[str, str], arguments: list[str], message: str
) -> None:
    printed = ran(environment, *arguments)
    assert printed.returncode == ExitCode.USAGE
    assert message in printed.stderr


async def test_without_checks_the_file_is_empty(environment: dict[str, str]) -> None:
    printed = ran(environment, "c", "--schema", SECOND, "--status", "pending")
    assert yaml.safe_load(printed.stdout) == []
