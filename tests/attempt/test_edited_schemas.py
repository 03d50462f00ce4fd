"""A schema that is edited while its table is profiled is found again by its name.

An edit deletes the schema objects of the contract and makes others.
"""

import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.contract_edits import save_schemas
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from tests.attempt.conftest import attempts, in_state, taken, working
from tests.support.runs import row, suggestions
from tests.support.scripted_profiler import Act, Scripted
from tests.support.waiting import until
from worker.attempt.work_on_run import Attempts
from worker.counting.check import Check
from worker.database.pool import Database
from worker.profiling.results import Candidate, TableProfile
from worker.queue.lease import Lease
from worker.sampling.sample_facts import Counted, Counting, SampleFacts, Sampling

pytestmark = pytest.mark.anyio

SECRET = 4711
PROFILE = TableProfile(
    table="t",
    columns=2,
    sample=SampleFacts(
        rows=1000, of_rows=1000, sampling=Sampling.WHOLE, fraction=None, limit=5000, seed=None
    ),
    counted=Counted(Counting.FETCHED),
    statistics={"id": {"count": 10, "max": SECRET}},
    profiles=2,
    candidates=(
        Candidate(Check("is_not_null", {"column": "id"}, "filled", "error"), "n", "id", None),
        Candidate(
            Check("is_in_list", {"column": "id", "allowed": [SECRET]}, "list", "error"),
            "n",
            "id",
            None,
        ),
    ),
    skipped_columns={},
)


def schema(*names: str, physical_name: str = "a", classification: str | None = None) -> Schema:
    properties = (
        Property(name, "integer", "BIGINT", required=False, classification=classification)
        for name in names
    )
    return Schema("a", physical_name, "", tuple(properties))


def when(event: threading.Event) -> Act:
    """A table that is profiled once `event` is set."""

    def act(stopped: threading.Event) -> TableProfile:
        event.wait()
        return PROFILE

    return act


@asynccontextmanager
async def profiled_meanwhile(
    database: Database, backend: Backend, *, beats: bool = True
) -> AsyncIterator[str]:
    """Profile the schema `a` while the block runs, and give the run's id.

    After the block the heartbeat looks, or with `beats` unset has not looked, before the end.
    """
    await backend.add_contract(Contract("c", "c", (schema("id"),)))
    run_id = await backend.request("c", ["a"])
    held = threading.Event()
    work = attempts(Scripted(a=[when(held)]), personal=("pii",))
    lease = await taken(database)
    async with working(work, lease, []) if beats else unwatched(work, lease):
        await in_state(database, run_id, {"a": "profiling"})
        yield run_id
        if beats:
            await beaten(database)
        held.set()


@asynccontextmanager
async def unwatched(work: Attempts, lease: Lease) -> AsyncIterator[None]:
    """Work on the run without a heartbeat."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work.work, lease)
        yield


async def beaten(database: Database) -> None:
    """Wait for a heartbeat that begins now or later, and for the next, by which it has ended."""
    seen: set[Any] = set()
    async with database.connection() as connection:
        now = await connection.fetchval("SELECT clock_timestamp()")

        async def twice() -> bool:
            seen.add(await connection.fetchval("SELECT renewed_at FROM leases"))
            return len([beat for beat in seen if beat > now]) > 1

        await until(twice, "two heartbeats", seconds=10)


@pytest.mark.parametrize("beats", [True, False])
async def test_a_schema_that_is_made_anew_is_profiled_to_its_end(
    database: Database, backend: Backend, beats: bool
) -> None:
    async with profiled_meanwhile(database, backend, beats=beats) as run_id:
        await save_schemas(backend, "c", [schema("id")])

    run = await row(backend, run_id)
    assert (run["status"], run["error_message"]) == ("completed", None)
    found = await suggestions(backend, run_id)
    assert {one["property_name"] for one in found} == {"id"}
    assert len(found) == 2


async def test_the_properties_of_the_new_schema_count(database: Database, backend: Backend) -> None:
    async with profiled_meanwhile(database, backend) as run_id:
        required = Property("ID", "integer", "BIGINT", required=True)
        await save_schemas(backend, "c", [Schema("a", "a", "", (required,))])

    (found,) = await suggestions(backend, run_id)
    assert (found["property_name"], found["level"]) == ("ID", "property")
    summary = json.loads((await row(backend, run_id))["summary_stats"])
    assert summary["tables"]["a"]["held_back"] == {"filled": "the contract has it"}


async def test_no_value_is_published_of_a_column_that_became_personal(
    database: Database, backend: Backend
) -> None:
    async with profiled_meanwhile(database, backend) as run_id:
        await save_schemas(backend, "c", [schema("id", classification="PII")])

    run = await row(backend, run_id)
    found = await suggestions(backend, run_id)
    assert run["status"] == "completed"
    assert len(found) == 1
    assert str(SECRET) not in f"{run} {found}"


async def test_values_that_the_run_published_before_are_taken_back_when_it_is_done_again(
    database: Database, backend: Backend
) -> None:
    await backend.add_contract(Contract("c", "c", (schema("id"),)))
    run_id = await backend.request("c", ["a"])
    work = attempts(Scripted(a=[lambda _: PROFILE]), personal=("pii",))
    await work.work(await taken(database))
    assert len(await suggestions(backend, run_id)) == 2
    await save_schemas(backend, "c", [schema("id", classification="PII")])
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'pending'")
    await work.work(await taken(database))
    (found,) = await suggestions(backend, run_id)
    assert str(SECRET) not in str(found)


@pytest.mark.parametrize(
    ("edited", "said"),
    [
        ([], "the schema was deleted from the contract while it was profiled"),
        ([Schema("b", "a", "", ())], "the schema was deleted from the contract while it was"),
        ([schema("id"), schema("id")], "the contract has 2 schemas named 'a': rename all but one"),
        (
            [schema("id", physical_name="other")],
            "the schema's physical name was changed while its table was profiled: send a new",
        ),
        ([schema("id", physical_name=" ")], "the schema has no physical name"),
    ],
)
async def test_a_schema_that_is_gone_or_means_another_table_fails_its_table(
    database: Database, backend: Backend, edited: list[Schema], said: str
) -> None:
    async with profiled_meanwhile(database, backend, beats=False) as run_id:
        await save_schemas(backend, "c", edited)

    run = await row(backend, run_id)
    assert run["status"] == "failed"
    assert run["error_message"].startswith(f"Failed to profile 1 of 1 schema: a: {said}")
    assert await suggestions(backend, run_id) == []
