"""A retry is a new request for what the run has not completed, as the run was asked for."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert
from tests.support.options import database_options, password_of, queue_options
from tests.support.runs import row
from worker.database.grants import grant
from worker.database.pool import Database
from worker.queue.claim import claim
from worker.queue.errors import RunUnclaimable, UnknownRun
from worker.runs.errors import RequestForbidden
from worker.runs.retry import retry

pytestmark = pytest.mark.anyio

DONE = {"physical_name": "main.a", "rows": 10}
FAILED = {"physical_name": "main.b", "error": "not there"}
SUMMARY = {
    "tables": {"a": DONE, "b": FAILED, "c": {}},
    "errors": [{"schema": "b", "error": "not there"}, {"schema": "c", "error": "skipped"}],
}
OPTIONS = {
    "criticality": "warn",
    "tables": {"a": {"criticality": "error"}, "b": {"leave_out": ["is_in_list"]}},
}


@pytest.fixture
async def as_backend(backend: Backend, database: Database) -> AsyncIterator[Database]:
    """A pool with the backend's login, which may read and write options of runs."""
    options = database_options(backend.worker, grant_to=("backend",))
    await grant(options, password_of(backend.worker))
    login = backend.owner
    async with Database.open(database_options(login), password_of(login)) as opened:
        yield opened


async def end(backend: Backend, summary: Any = SUMMARY, **columns: Any) -> None:
    """Have run `r` be one for four schemas that has ended with this summary."""
    written = {
        "schema_names": '["b", "a", "c", "not begun", "b"]',
        "status": "failed",
        "triggered_by": "ann",
        "summary_stats": summary if isinstance(summary, str) else json.dumps(summary),
        "run_id": "77",
    } | columns
    names = ", ".join(f"{name} = ${place}" for place, name in enumerate(written, 1))
    async with backend.connection() as owner:
        await owner.execute(
            f"UPDATE data_profiling_runs SET {names} WHERE id = 'r'", *written.values()
        )


async def options_of(database: Database, run: str) -> Any:
    async with database.connection() as connection:
        text = await connection.fetchval("SELECT options FROM run_options WHERE run_id = $1", run)
    return text and json.loads(text)


async def test_what_is_not_completed_is_requested_anew_with_the_options_and_the_user(
    backend: Backend, database: Database, as_backend: Database, insert: Insert
) -> None:
    await insert("r")
    await end(backend)
    async with database.connection() as connection:
        await connection.execute("INSERT INTO run_options VALUES ('r', $1)", json.dumps(OPTIONS))
    before = await row(backend, "r")
    made = await retry(as_backend, "r", everything=False)
    assert made.schemas == ["b", "c", "not begun"]
    new = await row(backend, made.run_id)
    assert new["started_at"] > before["started_at"]
    assert json.loads(new.pop("schema_names")) == made.schemas
    assert {name: value for name, value in new.items() if value is not None} == {
        "id": made.run_id,
        "contract_id": "c",
        "source": "dqx",
        "status": "pending",
        "triggered_by": "ann",
        "started_at": new["started_at"],
    }
    # Options of a table that the request does not name would be refused.
    assert await options_of(database, made.run_id) == {
        "criticality": "warn",
        "tables": {"b": {"leave_out": ["is_in_list"]}},
    }
    assert await row(backend, "r") == before
    assert [lease.run.id for lease in await claim(database, queue_options(), 2)] == [made.run_id]


async def test_all_of_it_is_requested_with_the_options_of_every_table(
    backend: Backend, database: Database, as_backend: Database, insert: Insert
) -> None:
    await insert("r")
    names = '[ "b","a" ]'
    await end(backend, schema_names=names, status="completed")
    async with database.connection() as connection:
        await connection.execute("INSERT INTO run_options VALUES ('r', $1)", json.dumps(OPTIONS))
    made = await retry(as_backend, "r", everything=True)
    assert made.schemas is None
    assert (await row(backend, made.run_id))["schema_names"] == names
    assert await options_of(database, made.run_id) == OPTIONS


@pytest.mark.parametrize(
    "summary",
    [
        "{",
        "null",
        "[" * 100_000,
        '{"tables": [], "errors": {}}',
        '{"tables": {"a": 1, "b": [], "c": null}, "errors": [1]}',
        '{"tables": {}, "errors": [{"schema": null, "error": "no contract"}]}',
    ],
)
async def test_of_a_summary_that_shows_nothing_all_is_retried(
    backend: Backend, as_backend: Database, insert: Insert, summary: str
) -> None:
    await insert("r")
    await end(backend, summary)
    made = await retry(as_backend, "r", everything=False)
    assert made.schemas == ["b", "a", "c", "not begun"]


async def test_a_completed_run_with_tables_that_failed_is_retried_too(
    backend: Backend, as_backend: Database, insert: Insert
) -> None:
    await insert("r")
    await end(backend, status="completed", schema_names='["a", "b"]')
    assert (await retry(as_backend, "r", everything=False)).schemas == ["b"]


@pytest.mark.parametrize(
    ("row_of", "message"),
    [
        ({"status": "pending"}, r"Run r is pending\. Only a run that has ended can be retried"),
        ({"status": "running"}, r"Run r is running\. Only a run that has ended can be retried"),
        ({"source": "llm"}, "is of source llm"),
        ({"schema_names": '["a"]'}, r"has completed all of its tables \(1\)"),
        ({"schema_names": "a"}, "schema_names is no JSON array of texts"),
        ({"schema_names": "[1]"}, "schema_names is no JSON array of texts"),
        ({"schema_names": None}, "schema_names is no JSON array of texts"),
    ],
)
async def test_what_can_not_be_retried_is_refused_and_nothing_inserted(
    backend: Backend, as_backend: Database, insert: Insert, row_of: dict[str, str], message: str
) -> None:
    await insert("r")
    await end(backend, **row_of)
    with pytest.raises(RunUnclaimable, match=message):
        await retry(as_backend, "r", everything=False)
    async with backend.connection() as owner:
        assert await owner.fetchval("SELECT count(*) FROM data_profiling_runs") == 1


async def test_a_run_that_is_not_there_is_reported(as_backend: Database) -> None:
    with pytest.raises(UnknownRun, match="There is no run r"):
        await retry(as_backend, "r", everything=False)


async def test_a_role_that_lacks_a_right_is_told_which(
    backend: Backend, database: Database, as_backend: Database, insert: Insert
) -> None:
    await insert("r")
    await end(backend)
    async with backend.connection() as owner:
        await owner.execute(f"REVOKE INSERT ON data_profiling_runs FROM {backend.worker.user}")
    with pytest.raises(RequestForbidden, match="may not insert into data_profiling_runs"):
        await retry(database, "r", everything=True)
    for right in ("SELECT", "INSERT"):
        async with database.connection() as connection:
            await connection.execute(f"REVOKE {right} ON run_options FROM backend")
        with pytest.raises(RequestForbidden, match="backend may not read and write run_options"):
            await retry(as_backend, "r", everything=True)
        async with database.connection() as connection:
            await connection.execute(f"GRANT {right} ON run_options TO backend")
    await retry(as_backend, "r", everything=True)
