"""A session that is lost is replaced, and the table tried again; on a real server.

Some of these kill it: every test finds and leaves it running.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from tests.connect.conftest import COLUMNS, id_of, opened, session, up
from tests.connect.server import ConnectServer
from tests.support.waiting import until
from worker.profiling.profiler import Profiler
from worker.profiling.results import TableProfile
from worker.sampling.sample_facts import Counted, Counting
from worker.tables.errors import TableError, TableUnavailable
from worker.tables.table_types import CatalogTable


@pytest.fixture(name="server")
def _server(connect_server: ConnectServer) -> ConnectServer:
    return connect_server


pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

HOURS = "SELECT sum(sqrt(id)) FROM range(1000000000000)"


async def profiled(profiler: Profiler, name: str, tag: str = "t") -> TableProfile:
    async with profiler.sample(name, tag) as sample:
        return await profiler.profile(sample, tag)


class Tables:
    """Tables at once, each tried once more where that makes sense, as an attempt does."""

    def __init__(self, profiler: Profiler) -> None:
        self._profiler = profiler
        self.done: dict[str, TableProfile] = {}
        self.tries: dict[str, int] = {}

    async def work_on(self, name: str, tag: str) -> None:
        for last in (False, True):
            self.tries[tag] = self.tries.get(tag, 0) + 1
            try:
                profile = await profiled(self._profiler, name, f"{tag} {self.tries[tag]}")
                self.done[tag] = profile
                return
            except TableUnavailable:
                if last:
                    raise


async def hours(profiler: Profiler, tag: str) -> None:
    """Run a query that would take hours, as a table's work."""
    table = CatalogTable(("hours",))
    await profiler._run(lambda _: profiler._engine.session.sql(HOURS).collect(), table, tag)


def jobs(server: ConnectServer, count: int) -> Callable[[], Awaitable[bool]]:
    """Tell whether so many jobs run on the server."""

    async def there() -> bool:
        return len(await anyio.to_thread.run_sync(server.running_jobs)) == count

    return there


def any_job(server: ConnectServer) -> Callable[[], Awaitable[bool]]:
    async def there() -> bool:
        return bool(await anyio.to_thread.run_sync(server.running_jobs))

    return there


async def test_tables_of_a_catalog_are_profiled_and_others_reported(profiler: Profiler) -> None:
    profile = await profiled(profiler, "spark_catalog.shop.orders")
    assert (profile.sample.rows, profile.columns) == (7, 1)
    assert profile.counted == Counted(Counting.FETCHED)
    assert {one.check.function for one in profile.candidates} == {"is_not_null", "is_in_range"}
    with pytest.raises(TableError, match=r"shop\.absent was not found"):
        await profiled(profiler, "shop.absent")
    with pytest.raises(TableError, match="is a path: only the local engine reads files"):
        await profiled(profiler, "/etc/passwd.csv")
    assert profiler._engine.session.conf.get("spark.sql.session.timeZone") == "UTC"


async def test_a_session_closed_while_nobody_looks_costs_a_table_one_try(
    profiler: Profiler, server: ConnectServer
) -> None:
    with session(server.url, id_of(profiler)) as outside:
        outside.client.release_session()
    tables = Tables(profiler)
    await tables.work_on("shop.orders", "a")
    assert tables.tries == {"a": 2}
    assert profiler._engine.generation == 2
    await tables.work_on("shop.orders", "b")
    assert (tables.tries["b"], profiler._engine.generation) == (1, 2)


async def test_a_session_closed_in_the_middle_is_replaced_once_for_two_tables(
    at_length: Profiler, server: ConnectServer
) -> None:
    tables = Tables(at_length)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tables.work_on, "shop.wide", "a")
        tasks.start_soon(tables.work_on, "shop.wide", "b")
        await until(any_job(server), "Spark works")
        with session(server.url, id_of(at_length)) as outside:
            outside.client.release_session()
    assert tables.tries == {"a": 2, "b": 2}
    assert at_length._engine.generation == 2
    for profile in tables.done.values():
        assert (profile.columns, profile.skipped_columns) == (COLUMNS, {})


async def test_a_server_killed_in_the_middle_and_restarted_costs_each_table_one_try(
    at_length: Profiler, server: ConnectServer
) -> None:
    tables = Tables(at_length)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tables.work_on, "shop.wide", "a")
        tasks.start_soon(tables.work_on, "shop.wide", "b")
        await until(any_job(server), "Spark works")
        server.kill()
        server.start()
    assert tables.tries == {"a": 2, "b": 2}
    assert at_length._engine.generation == 2
    assert at_length.failure is None
    for profile in tables.done.values():
        assert (profile.columns, profile.skipped_columns) == (COLUMNS, {})


async def test_a_server_that_is_away_is_reported_and_found_again_without_a_request(
    server: ConnectServer,
) -> None:
    async with opened(server, keep_session=timedelta(milliseconds=200)) as profiler:

        async def failing() -> bool:
            return profiler.failure is not None

        async def well() -> bool:
            return profiler.failure is None and profiler._engine.generation == 2

        server.kill()
        await until(failing, "the loss is seen", seconds=60)
        server.start()
        await until(well, "the session is replaced", seconds=90)
        assert (await profiled(profiler, "shop.orders")).sample.rows == 7


async def test_a_session_closed_while_idle_is_replaced_before_the_next_request(
    server: ConnectServer,
) -> None:
    async with opened(server, keep_session=timedelta(milliseconds=200)) as profiler:
        with session(server.url, id_of(profiler)) as outside:
            outside.client.release_session()

        async def replaced() -> bool:
            return profiler._engine.generation == 2

        await until(replaced, "the session is replaced", seconds=60)
        assert (await profiled(profiler, "shop.orders")).sample.rows == 7


async def test_work_interrupted_from_outside_is_done_again_in_the_same_session(
    at_length: Profiler, server: ConnectServer
) -> None:
    tables = Tables(at_length)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tables.work_on, "shop.wide", "a")
        await until(any_job(server), "Spark works")
        with session(server.url, id_of(at_length)) as outside:

            async def interrupted() -> bool:
                outside.interruptTag("a 1")
                return tables.tries["a"] == 2

            await until(interrupted, "the table is tried again")
    assert at_length._engine.generation == 1
    assert tables.done["a"].skipped_columns == {}


async def test_cancelled_work_is_interrupted_and_leaves_other_tables_alone(
    profiler: Profiler, server: ConnectServer
) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hours, profiler, "other")
        await until(jobs(server, 1), "one query runs")
        with anyio.CancelScope() as one:
            async with anyio.create_task_group() as cancelled:
                cancelled.start_soon(hours, profiler, "cancelled")
                await until(jobs(server, 2), "two queries run")
                one.cancel()
        assert profiler.stuck == 0
        await until(jobs(server, 1), "one query is left")
        tasks.cancel_scope.cancel()
    await until(jobs(server, 0), "nothing is left")


async def test_what_runs_under_the_tag_of_an_earlier_attempt_is_interrupted_by_it(
    profiler: Profiler, server: ConnectServer
) -> None:
    ended: list[str] = []

    async def work(tag: str) -> None:
        with pytest.raises(TableUnavailable):
            await hours(profiler, tag)
        ended.append(tag)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work, "earlier")
        tasks.start_soon(hours, profiler, "another")
        await until(jobs(server, 2), "both run")
        await profiler.interrupt(["earlier"])

        async def it_ended() -> bool:
            return ended == ["earlier"]

        await until(it_ended, "the earlier one has ended")
        await until(jobs(server, 1), "one is left")
        tasks.cancel_scope.cancel()


async def test_work_on_a_server_that_is_frozen_is_left_behind_until_it_answers(
    at_length: Profiler, server: ConnectServer
) -> None:
    tables = Tables(at_length)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tables.work_on, "shop.wide", "a")
            await until(any_job(server), "Spark works")
            server.freeze()
            # As a deadline does.
            tasks.cancel_scope.cancel()
        assert at_length.stuck == 1
    finally:
        server.thaw()

    async def back() -> bool:
        return at_length.stuck == 0

    await until(back, "the thread is back", seconds=60)
    await until(jobs(server, 0), "what it asked for has ended", seconds=60)
    assert (await profiled(at_length, "shop.orders")).sample.rows == 7


async def test_a_session_that_would_time_out_is_kept_and_one_that_did_is_replaced(
    tmp_path: Path,
) -> None:
    settings = {
        "spark_connect_session_manager_defaultSessionTimeout": "10s",
        "spark_connect_session_manager_maintenanceInterval": "1s",
    }
    # The first write may take longer than a session lives.
    with ConnectServer.running(tmp_path) as server:
        await up(server)
        with session(server.url) as spark:
            spark.range(7).write.saveAsTable("numbers")
    with ConnectServer.running(tmp_path, **settings) as server:
        await up(server)
        kept_for = timedelta(seconds=1)
        async with opened(server, keep_session=kept_for) as kept, opened(server) as left:
            one, other = id_of(kept), id_of(left)

            async def timed_out() -> bool:
                lines = server.log.read_text().splitlines()
                return any(other in line and "expired" in line for line in lines)

            await until(timed_out, "a session that nobody keeps times out", seconds=60)
            for profiler, tries in ((kept, 1), (left, 2)):
                tables = Tables(profiler)
                await tables.work_on("numbers", "a")
                assert tables.tries == {"a": tries}
            assert id_of(kept) == one
            assert id_of(left) != other
