"""`dqx-worker suggestions RUN --json`: what programs read, also of an older backend."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.sample_contracts import Contract, Schema
from deploy.sandbox.worker_process import worker_environment
from tests.round_trip.accept_and_export import rows_of
from tests.round_trip.cases import CASES
from tests.support.command import run_command
from worker.backend.suggestions.write import batches_of, write_batches
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("lacks", "score"), [(False, "0.98"), (True, None)], ids=["a backend of today", "an older one"]
)
async def test_programs_read_suggestions_with_the_confidence_that_the_backend_keeps(
    backend: Backend, database: Database, tmp_path: Path, lacks: bool, score: str | None
) -> None:
    if lacks:
        async with backend.connection() as owner:
            await owner.execute("ALTER TABLE suggested_quality_checks DROP COLUMN confidence_score")
    await backend.add_contract(Contract("c", "c", (Schema("a", "a", "", ()),)))
    run_id = await backend.request("c", ["a"])
    (row, *_) = rows_of(CASES.values(), run_id)
    row = replace(row, confidence_score="0.98")
    evidence = {row.id: {"confidence": 0.985, "rows": 10}}
    async with database.transaction() as transaction:
        await write_batches(
            transaction,
            run_id=run_id,
            contract_id="c",
            schema_name="a",
            batches=batches_of([row], evidence),
        )

    answer = run_command(
        worker_environment(backend.worker, tmp_path), "suggestions", run_id, "--json"
    )
    assert (answer.returncode, answer.stderr) == (ExitCode.SUCCESS, "")
    (printed,) = json.loads(answer.stdout)
    assert (printed["id"], printed["rule"]) == (row.id, row.rule)
    assert printed["confidence_score"] == score
    assert printed["evidence"] == evidence[row.id]
