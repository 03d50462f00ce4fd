"""What is missing of tables and rights is noticed, told once, and noticed again when it is back."""

from collections.abc import Callable
from dataclasses import replace

import anyio
import pytest
from structlog.testing import capture_logs

from deploy.sandbox.backend import Backend
from tests.support.waiting import until
from worker.database.errors import DatabaseError
from worker.database.pool import Database
from worker.preflight.requirements import check_backend, check_database
from worker.preflight.schema_watch import SchemaWatch
from worker.probes.health import Part

pytestmark = pytest.mark.anyio

RIGHT = "INSERT ON suggested_quality_checks"
REFUSED = DatabaseError("column x does not exist")


@pytest.fixture
def woken() -> list[None]:
    return []


@pytest.fixture
def part() -> Part:
    return Part("not yet")


@pytest.fixture
async def watch(database: Database, part: Part, woken: list[None]) -> SchemaWatch:
    return SchemaWatch(database, part, lambda: woken.append(None))


async def change(backend: Backend, statement: str) -> None:
    async with backend.connection() as owner:
        await owner.execute(statement)


async def test_a_right_that_is_missing_stops_claims_until_it_is_back(
    watch: SchemaWatch, backend: Backend, part: Part, woken: list[None]
) -> None:
    await change(backend, f"REVOKE {RIGHT} FROM dqx_worker")
    with capture_logs() as logged:
        await watch._examine(check_backend)
        await watch._examine(check_backend)
        lacking = [watch.lacking]
        assert "GRANT INSERT" in str(part.report().reason)
        assert woken == []
        await change(backend, f"GRANT {RIGHT} TO dqx_worker")
        await watch._examine(check_backend)
        lacking.append(watch.lacking)
    assert lacking == [True, False]
    assert part.report().ok
    assert woken == [None]
    assert [line["event"] for line in logged] == ["schema.unusable", "schema.usable"]


async def test_an_outage_says_nothing_of_tables_and_rights(
    watch: SchemaWatch, database: Database, part: Part
) -> None:
    await watch._examine(check_backend)
    database.options = replace(database.options, port=1)
    await database.rest()
    await watch._examine(check_backend)
    assert not watch.lacking
    assert part.report().ok


async def test_a_refusal_for_which_nothing_is_missing_is_reported_as_it_is(
    watch: SchemaWatch, part: Part, woken: list[None]
) -> None:
    watch.answered("claim", REFUSED)
    await watch._examine(check_database)
    assert not watch.lacking
    assert part.report().reason == str(REFUSED)
    watch.answered("heartbeat", None)
    assert not part.report().ok
    watch.answered("claim", None)
    assert part.report().ok
    assert woken == [None]


async def test_what_is_missing_explains_what_was_refused(
    watch: SchemaWatch, backend: Backend, part: Part
) -> None:
    await change(backend, f"REVOKE {RIGHT} FROM dqx_worker")
    watch.answered("claim", REFUSED)
    await watch._examine(check_database)
    assert "GRANT INSERT" in str(part.report().reason)
    await change(backend, f"GRANT {RIGHT} TO dqx_worker")
    await watch._examine(check_database)
    assert part.report().ok


async def test_a_claim_that_succeeds_does_not_say_that_every_right_is_there(
    watch: SchemaWatch, backend: Backend, part: Part
) -> None:
    await change(backend, f"REVOKE {RIGHT} FROM dqx_worker")
    await watch._examine(check_database)
    watch.answered("claim", REFUSED)
    watch.answered("claim", None)
    assert not part.report().ok


@pytest.mark.parametrize(
    "doubting", [SchemaWatch.doubt, lambda watch: watch.answered("claim", REFUSED)]
)
async def test_in_doubt_the_workers_own_schema_is_examined_too_and_soon(
    watch: SchemaWatch, database: Database, doubting: Callable[[SchemaWatch], None]
) -> None:
    async with database.connection() as connection:
        await connection.execute("DELETE FROM migrations")

    async def lacking() -> bool:
        return watch.lacking

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch.run)
        doubting(watch)
        await until(lacking, "the examination finds it", seconds=10)
        tasks.cancel_scope.cancel()


async def test_rows_that_are_hidden_later_stop_claims_until_they_are_seen_again(
    watch: SchemaWatch, backend: Backend, part: Part
) -> None:
    await change(backend, "ALTER TABLE data_profiling_runs ENABLE ROW LEVEL SECURITY")
    await watch._examine(check_backend)
    assert watch.lacking
    assert str(part.report().reason) == "Row-level security hides every row of data_profiling_runs"
    await change(backend, "ALTER TABLE data_profiling_runs DISABLE ROW LEVEL SECURITY")
    await watch._examine(check_backend)
    assert not watch.lacking
