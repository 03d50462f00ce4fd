"""Whatever a column of the backend's runs can hold costs at most its own run.

Rows of random values, extremes of each type among them, are inserted beside a good request.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Schema
from tests.attempt.conftest import attempts
from tests.support.crowded_database import incompressible
from tests.support.databases import copy_backend
from tests.support.long_form import LONG
from tests.support.options import LEDGER, database_options, password_of, queue_options
from tests.support.scripted_profiler import Scripted, profiled
from worker.backend.suggestions.read import read_suggestions
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.display.output import json_text
from worker.process.refuse_requests import Refusals
from worker.progress.completed_or_failed import refusal
from worker.queue.claim import claim, claimable_requests
from worker.queue.claim_run import claim_run
from worker.queue.claimed_run import LONGEST_ID, LONGEST_SCHEMA_NAMES
from worker.queue.errors import RunUnclaimable, id_too_long
from worker.queue.first_seen import note_requests
from worker.queue.refuse_long_ids import refuse_unleasable
from worker.runs.adopt import unheld_runs
from worker.runs.cancel import cancel
from worker.runs.requests import read_run, read_tables, recent_runs
from worker.runs.wait_for_end import await_end
from worker.telemetry.run_fields import run_fields
from worker.telemetry.text import NAME_LIMIT

NEWEST_REQUEST = load_sql("worker.doctor.steps", "newest_request")
LAST_DATE = "294276-12-31 23:59:59.999999+00"
FIRST_DATE = "4714-11-24 00:00:00+00 BC"
EXTREME_DATES = ["-infinity", "infinity", FIRST_DATE, LAST_DATE, "0044-03-15 12:00:00+00 BC"]
GOOD = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the backend's runs; dates are Postgres' text of them."""

    id: str
    contract_id: str = "c"
    source: str = "dqx"
    status: str = "pending"
    run_id: str | None = None
    schema_names: str | None = '["t"]'
    summary_stats: str | None = None
    started_at: str = "2026-11-28 12:00:00+00"
    completed_at: str | None = None
    error_message: str | None = None
    triggered_by: str | None = None

    @property
    def is_request(self) -> bool:
        return self.status == "pending" and self.source == "dqx" and self.run_id is None


TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    st.sampled_from(
        ["", " ", ",", "'", "\x1b[2J", "\u202e", "\ufeff", "x" * 100_000, "[red]", "--"]
    ),
    st.sampled_from([249, 250, 251, 1000, 2650]).map(incompressible),
)
YEARS = st.integers(1, 294276).map(lambda year: f"{year:04}-02-28 00:00:00+00")
DATES = st.one_of(
    st.sampled_from(EXTREME_DATES), YEARS, st.integers(1, 4713).map(lambda y: f"{y:04}-01-01 BC")
)
NAMES = st.one_of(
    st.none(),
    TEXTS,
    st.just('["t"]'),
    st.lists(TEXTS, max_size=3).map(json.dumps),
    st.sampled_from(
        [
            "[" * 50_000,
            "9" * 5_000,
            "NaN",
            '["\\ud800"]',
            '["\\u0000"]',
            '{"t": 1}',
            "x" * 1_500_000,
        ]
    ),
    st.lists(st.integers(), max_size=3).map(json.dumps),
)
ROWS = st.builds(
    Row,
    id=TEXTS,
    contract_id=st.one_of(st.just("c"), TEXTS),
    source=st.one_of(st.just("dqx"), st.just("dqx"), TEXTS),
    status=st.one_of(st.just("pending"), st.just("pending"), st.just("running"), TEXTS),
    run_id=st.one_of(st.none(), st.none(), TEXTS),
    schema_names=NAMES,
    summary_stats=st.none() | TEXTS,
    started_at=DATES,
    completed_at=st.none() | DATES,
    error_message=st.none() | TEXTS,
    triggered_by=st.none() | TEXTS,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A backend that is emptied for each example, and the worker's pool on it."""

    backend: Backend
    database: Database
    owner: asyncpg.Connection

    @classmethod
    @asynccontextmanager
    async def open(cls, server: Postgres) -> AsyncIterator["Place"]:
        backend = await copy_backend(server, "odd_rows", migrated=True)
        options = database_options(backend.worker)
        async with (
            Database.open(options, password_of(backend.worker)) as database,
            backend.connection() as owner,
        ):
            yield cls(backend, database, owner)

    async def empty(self) -> None:
        await self.owner.execute("DELETE FROM data_contracts")
        async with self.database.connection() as connection:
            await connection.execute(
                "DELETE FROM leases; DELETE FROM attempts; DELETE FROM table_progress;"
                "DELETE FROM requests_seen; DELETE FROM contract_locks"
            )
        await self.backend.add_contract(Contract("c", "c", (Schema("t", "t", "", ()),)))
        await self.insert(Row(id=GOOD, triggered_by="x" * 1_000))

    async def insert(self, row: Row) -> bool:
        """Insert a row; False if the backend itself can't hold it."""
        values = asdict(row)
        names = ", ".join(values)
        places = ", ".join(
            f"${number}::text" + ("::timestamptz" if name.endswith("_at") else "")
            for number, name in enumerate(values, 1)
        )
        try:
            async with self.owner.transaction():
                if not await self.owner.fetchval(
                    "SELECT true FROM data_contracts WHERE id = $1", row.contract_id
                ):
                    await insert(self.owner, "data_contracts", id=row.contract_id, name="odd")
                await self.owner.execute(
                    f"INSERT INTO data_profiling_runs ({names}) VALUES ({places})",
                    *values.values(),
                )
        except (asyncpg.ProgramLimitExceededError, asyncpg.UniqueViolationError):
            return False
        return True

    async def status(self, run_id: str) -> tuple[str, str | None]:
        found = await self.owner.fetchrow(
            "SELECT status, error_message FROM data_profiling_runs WHERE id = $1", run_id
        )
        assert found is not None
        return found["status"], found["error_message"]

    async def work(self) -> None:
        """Look for requests and work on them until none is left, as a worker does."""
        options = queue_options()
        refusals = Refusals(self.database, options)
        for _ in range(5):
            for lease in await claim(self.database, options, 50):
                await attempts(Scripted(t=[profiled])).work(lease)
            await note_requests(self.database)
            await refusals.look()
            if not await claimable_requests(self.database):
                return
        raise AssertionError("requests are left")

    async def look_at(self, run_id: str) -> None:
        """Do what the commands do about one run; none of it raises anything unexpected."""
        run = await read_run(self.database, run_id)
        assert run is not None
        assert_printable(run)
        assert len(json_text(run)) < LONGEST_SCHEMA_NAMES + 1_000_000
        assert_printable(await read_tables(self.database, run_id))
        assert_printable(await read_suggestions(self.database, run_id))
        if run["status"] not in ("pending", "running"):
            assert_printable(await await_end(self.database, run_id))
        options = queue_options()
        with suppress(RunUnclaimable):
            await claim_run(
                self.database,
                options,
                run_id=run_id,
                contract_id=f"not {run['contract_id']}",
                schema_names="[]",
                patience=timedelta(0),
            )
        with suppress(RunUnclaimable):
            await cancel(self.database, options, LEDGER, run_id, "Cancelled by test")


def assert_printable(value: Any) -> None:
    """A command can print the value."""
    assert json_text(value)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="module")
def place(server: Postgres, runner: asyncio.Runner) -> Iterator[Place]:
    stack = AsyncExitStack()

    async def opened() -> Place:
        return await stack.enter_async_context(Place.open(server))

    yield runner.run(opened())
    runner.run(stack.aclose())


EXTREMES = [
    *(Row(id=f"at {date}", started_at=date) for date in EXTREME_DATES),
    *(Row(id=f"until {date}", status="failed", completed_at=date) for date in EXTREME_DATES),
    Row(id="longest life", status="failed", started_at=FIRST_DATE, completed_at=LAST_DATE),
    # What the backend's index takes, and the worker's does not.
    Row(id=incompressible(2_692)),
    Row(id="of a long contract", contract_id=incompressible(2_692)),
    Row(id="x" * 100_000),
    Row(id=""),
    Row(id="many names", schema_names="[" + ",".join(['"t"'] * 3_000_000) + "]"),
    Row(id="many people", triggered_by="x" * 5_000_000),
    Row(id="many words", status="failed", error_message="x" * 5_000_000),
    Row(id="many jobs", status="running", run_id="x" * 5_000_000),
    Row(id="no names", schema_names=None),
    Row(id="deep", schema_names="[" * 100_000),
]
"""What random values may miss."""


@settings(
    max_examples=int(os.environ.get("EXAMPLES", "400" if LONG else "15")),
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
@example(rows=EXTREMES)
@given(rows=st.lists(ROWS, min_size=1, max_size=8))
def test_whatever_a_row_holds_costs_at_most_its_own_run(
    place: Place, runner: asyncio.Runner, rows: list[Row]
) -> None:
    async def play() -> None:
        await place.empty()
        there = [row for row in rows if row.id != GOOD and await place.insert(row)]
        await place.work()
        assert await place.status(GOOD) == ("completed", None)
        for row in there:
            status, message = await place.status(row.id)
            if not row.is_request:
                assert status == row.status
            elif status != "completed":
                assert (status, bool(message)) == ("failed", True)
        assert_printable(await recent_runs(place.database, 20))
        await unheld_runs(place.database)
        async with place.database.connection() as connection:
            assert_printable([dict(row) for row in await connection.fetch(NEWEST_REQUEST)])
        for row in there:
            await place.look_at(row.id)

    runner.run(play())


def test_a_claim_reads_no_more_of_a_text_than_its_reader_takes(
    place: Place, runner: asyncio.Runner
) -> None:
    async def play() -> None:
        await place.empty()
        long = Row(id="long", schema_names="x" * 3_000_000, triggered_by="x" * 3_000_000)
        assert await place.insert(long)
        leases = await claim(place.database, queue_options(), 2)
        run = {lease.run.id: lease.run for lease in leases}["long"]
        assert len(run.schema_names or "") == LONGEST_SCHEMA_NAMES + 1
        assert len(run.triggered_by or "") == NAME_LIMIT

    runner.run(play())


def test_a_request_that_can_not_be_ended_keeps_nothing_waiting(
    place: Place, runner: asyncio.Runner
) -> None:
    """A trigger of the backend's refuses the update."""

    async def play() -> None:
        await place.empty()
        assert await place.insert(Row(id=incompressible(2_692)))
        await place.owner.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'no'; END $$;"
            "CREATE TRIGGER refuse BEFORE UPDATE ON data_profiling_runs FOR EACH ROW"
            " WHEN (length(old.id) > 250) EXECUTE FUNCTION refuse()"
        )
        try:
            await Refusals(place.database, queue_options()).look()
            (lease,) = await claim(place.database, queue_options(), 2)
            assert lease.run.id == GOOD
        finally:
            await place.owner.execute("DROP FUNCTION refuse CASCADE")

    runner.run(play())


def test_a_request_whose_id_the_workers_tables_do_not_take_ends_failed_with_words(
    place: Place, runner: asyncio.Runner
) -> None:
    long = incompressible(2_692)
    others = [Row(id=long[::-1], run_id="77"), Row(id=long.swapcase(), source="llm")]

    async def play() -> None:
        await place.empty()
        for row in (Row(id=long), *others):
            assert await place.insert(row)
        with pytest.raises(RunUnclaimable, match="more than 250 bytes"):
            await cancel(place.database, queue_options(), LEDGER, long, "Cancelled by test")
        # While it may still be given to a job, and while somebody holds it, it is left alone.
        run_result = refusal(id_too_long(LONGEST_ID))
        await note_requests(place.database)
        young = queue_options(claim_delay=timedelta(minutes=1))
        assert await refuse_unleasable(place.database, young, run_result) == []
        async with place.backend.connection() as holder, holder.transaction():
            await holder.execute("SELECT FROM data_profiling_runs FOR UPDATE")
            assert await refuse_unleasable(place.database, queue_options(), run_result) == []
        (refused,) = await refuse_unleasable(place.database, queue_options(), run_result)
        assert refused == run_fields(long[:NAME_LIMIT], "c")
        assert await place.status(long) == ("failed", id_too_long(LONGEST_ID))
        summary = await place.owner.fetchval(
            "SELECT summary_stats FROM data_profiling_runs WHERE id = $1", long
        )
        assert json.loads(summary)["errors"][0]["error"] == id_too_long(LONGEST_ID)
        for row in others:
            assert await place.status(row.id) == ("pending", None)

    runner.run(play())
