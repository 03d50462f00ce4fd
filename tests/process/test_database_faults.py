"""Whatever happens to its database, a worker that has once run goes on with what it does."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from signal import SIGCONT, SIGKILL, SIGSTOP

import anyio.to_thread
import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.support.proxy import Proxy, Traffic
from tests.support.runs import ended, events, suggestions
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Place:
    """A Postgres of its own, and one worker that reaches it through a proxy."""

    server: Postgres
    site: StandInSite
    proxy: Proxy
    worker: WorkerProcess

    def reported(self) -> Counter[str]:
        return Counter(line["event"] for line in events(self.worker.log))

    async def until_reported(self, event: str, more_than: int) -> None:
        async def is_reported() -> bool:
            return self.reported()[event] > more_than

        await until(is_reported, f"the worker says {event}", seconds=60)

    async def until_no_lease_lives(self) -> None:
        async def expired() -> bool:
            async with self.site.as_worker() as connection:
                return not await connection.fetchval(
                    "SELECT EXISTS (SELECT FROM leases WHERE expires_at > now())"
                )

        await until(expired, "the worker's lease expires")


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("faults")
    with Postgres.running(folder / "postgres") as server:
        site = await StandInSite.made(server, folder, "faults", DQX_WORKER_POOL_SIZE="1")
        async with Proxy.running(server.port) as proxy:
            with site.worker(POSTGRES_PORT=str(proxy.port)) as worker:
                yield Place(server, site, proxy, worker)


async def as_admin(place: Place, *statements: str) -> None:
    admin = await place.server.admin.connect()
    try:
        for statement in statements:
            await admin.execute(statement)
    finally:
        await admin.close()


TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'dqx_worker'"


@asynccontextmanager
async def killed_and_restarted(place: Place) -> AsyncIterator[None]:
    await anyio.to_thread.run_sync(place.server.stop, SIGKILL)
    yield
    await anyio.to_thread.run_sync(place.server.start)


@asynccontextmanager
async def refused_for_longer_than_a_lease(place: Place) -> AsyncIterator[None]:
    place.proxy.treat(Traffic.REFUSE)
    place.proxy.cut()
    yield
    await place.until_no_lease_lives()
    place.proxy.treat(Traffic.FLOW)


@asynccontextmanager
async def partitioned_for_longer_than_a_lease(place: Place) -> AsyncIterator[None]:
    place.proxy.treat(Traffic.DROP)
    yield
    await place.until_no_lease_lives()
    place.proxy.treat(Traffic.FLOW)


@asynccontextmanager
async def connections_terminated(place: Place) -> AsyncIterator[None]:
    await as_admin(place, TERMINATE)
    yield


@asynccontextmanager
async def backends_frozen(place: Place) -> AsyncIterator[None]:
    admin = await place.server.admin.connect()
    try:
        rows = await admin.fetch("SELECT pid FROM pg_stat_activity WHERE usename = 'dqx_worker'")
    finally:
        await admin.close()
    for row in rows:
        os.kill(row["pid"], SIGSTOP)
    yield
    for row in rows:
        os.kill(row["pid"], SIGCONT)


@asynccontextmanager
async def read_only(place: Place) -> AsyncIterator[None]:
    await as_admin(place, "ALTER DATABASE faults SET default_transaction_read_only = on", TERMINATE)
    yield
    await as_admin(place, "ALTER DATABASE faults RESET default_transaction_read_only", TERMINATE)


@asynccontextmanager
async def out_of_connections(place: Place) -> AsyncIterator[None]:
    await as_admin(place, "ALTER ROLE dqx_worker CONNECTION LIMIT 0", TERMINATE)
    yield
    await as_admin(place, "ALTER ROLE dqx_worker CONNECTION LIMIT -1")


Fault = Callable[[Place], AbstractAsyncContextManager[None]]


@pytest.mark.parametrize(
    "fault",
    [
        killed_and_restarted,
        refused_for_longer_than_a_lease,
        partitioned_for_longer_than_a_lease,
        connections_terminated,
        backends_frozen,
        read_only,
        out_of_connections,
    ],
)
async def test_an_attempt_sits_out_an_outage_of_the_database(place: Place, fault: Fault) -> None:
    site = place.site
    run_id = await site.request(quick="stand_in.1.2", slow="stand_in.1000.3")
    await site.until_states(run_id, quick="completed", slow="profiling")
    before = place.reported()
    async with fault(place):
        if fault is not connections_terminated:
            await place.until_reported("database.unavailable", before["database.unavailable"])
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "completed"
    assert len(await suggestions(site.backend, run_id)) == 5
    (attempt,) = await site.attempts(run_id)
    assert (attempt["outcome"], attempt["counts"]) == ("completed", True)
    assert place.worker.exit_code is None
    if fault is not connections_terminated:
        await place.until_reported("database.available", before["database.available"])
        # It says so once, however many of its parts meet it.
        unavailable = place.reported()["database.unavailable"] - before["database.unavailable"]
        # Ending read-only mode ends the connections once more.
        assert unavailable <= (2 if fault is read_only else 1)


@pytest.mark.parametrize(
    ("condition", "body"),
    [
        ("a full disk", "RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full';"),
        ("no memory", "RAISE EXCEPTION 'memory' USING ERRCODE = 'out_of_memory';"),
        ("a conflict", "RAISE EXCEPTION 'conflict' USING ERRCODE = 'serialization_failure';"),
        ("a deadlock", "RAISE EXCEPTION 'deadlock' USING ERRCODE = 'deadlock_detected';"),
        ("a statement that takes too long", "PERFORM pg_sleep(60);"),
    ],
)
async def test_a_write_that_the_server_does_not_take_is_done_when_it_does(
    place: Place, condition: str, body: str
) -> None:
    """The server raises it inside the worker's own INSERT, from a trigger of the backend's."""
    site = place.site
    async with site.backend.connection() as owner:
        await owner.execute(
            "CREATE SEQUENCE refusals;"
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
            f" $$ BEGIN PERFORM nextval('public.refusals'); {body} RETURN NEW; END $$;"
            "CREATE TRIGGER refuse BEFORE INSERT ON suggested_quality_checks"
            " EXECUTE FUNCTION refuse()"
        )
        run_id = await site.request(quick="stand_in.1.2")

        async def refused_twice() -> bool:
            return bool(await owner.fetchval("SELECT last_value > 1 FROM refusals"))

        await until(refused_twice, f"the worker meets {condition} and tries again", seconds=30)
        assert await suggestions(site.backend, run_id) == []
        await owner.execute(
            "DROP TRIGGER refuse ON suggested_quality_checks; DROP FUNCTION refuse;"
            "DROP SEQUENCE refusals"
        )
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "completed"
    assert len(await suggestions(site.backend, run_id)) == 2
    assert len(await site.attempts(run_id)) == 1
