"""The last try of a run that has cost a worker is made in a process of its own."""

import os
import signal
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.chaos.stand_in import KILLS, stand_in_name
from tests.support.forked_commands import forked_worker
from tests.support.runs import ended, events, row
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

SETTINGS = {
    "DQX_WORKER_MAX_ATTEMPTS": "2",
    "DQX_WORKER_BACK_OFF": "100ms",
    "DQX_WORKER_SLOTS": "2",
}
LONG = stand_in_name(60_000, 1)
SHORT = stand_in_name(1, 1)


@pytest.fixture
async def site(server: Postgres, tmp_path: Path) -> StandInSite:
    made = await StandInSite.made(server, tmp_path, "last_try")
    made.environment.update(SETTINGS)
    return made


async def test_a_run_that_kills_its_worker_each_time_fails_alone(site: StandInSite) -> None:
    """What is in flight beside it is charged with its kills, and completes all the same."""
    innocent = await site.request(innocent=stand_in_name(1_500, 1))
    poisoned = await site.request(poisoned=KILLS)
    with site.worker("killed") as killed:

        async def dead() -> bool:
            return killed.exit_code is not None

        await until(dead, "the run kills its worker")
    with site.worker("parent") as parent:
        failed, completed = await ended(site.backend, poisoned, innocent, seconds=40)
        assert parent.exit_code is None
        later = await site.request(later=SHORT)
        assert (await ended(site.backend, later))[0]["status"] == "completed"
    assert (failed["status"], completed["status"]) == ("failed", "completed")
    assert failed["error_message"].startswith("Given up after 2 tries")
    assert failed["error_message"].count("was not heard of") == 2
    (name,) = {line["worker"] for line in events(parent.log) if line["event"] == "worker.ready"}
    for run in (poisoned, innocent):
        first, last = await site.attempts(run)
        assert (first["outcome"], last["tries"]) == ("expired", 2)
        assert last["worker"] != name
    assert set(isolated(parent)) == {poisoned, innocent}


async def test_a_last_try_keeps_no_other_request_waiting(site: StandInSite) -> None:
    long = await site.request(long=LONG)
    with site.worker("one") as worker:
        await site.until_states(long, long="profiling")
        suspect = await suspected(site, LONG)
        others = [await site.request(**{f"other_{n}": SHORT}) for n in range(3)]
        runs = await ended(site.backend, *others, seconds=10)
        assert {run["status"] for run in runs} == {"completed"}
        await site.until_states(suspect, suspect="profiling")
        assert (await row(site.backend, long))["status"] == "running"
        # Its own process may be the first that the kernel kills.
        assert oom_score(isolated(worker)[suspect]) == 1000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
async def test_a_worker_that_stops_or_dies_has_its_process_give_the_run_back(
    site: StandInSite, number: signal.Signals
) -> None:
    run = await suspected(site, LONG)
    with site.worker("parent") as parent:
        await site.until_states(run, suspect="profiling")
        pid = isolated(parent)[run]
        os.kill(parent.pid, number)

        async def given_back() -> bool:
            status: str = (await row(site.backend, run))["status"]
            return status == "pending"

        await until(given_back, "the run is given back", seconds=10)
        expected = -number if number is signal.SIGKILL else 128 + number
        assert parent.wait(10) == expected

    async def gone() -> bool:
        with suppress(ProcessLookupError):
            os.kill(pid, 0)
            return is_zombie(pid)
        return True

    await until(gone, "the process has ended", seconds=10)
    assert [one["outcome"] for one in await site.attempts(run)] == ["expired", "given_back"]
    # The next one has a process of its own again, and loses no try.
    async with site.backend.connection() as owner:
        await owner.execute("UPDATE data_contract_schema_objects SET physical_name = $1", SHORT)
    with site.worker("next", "--drain") as following:
        assert following.wait(20) == 0
    assert (await row(site.backend, run))["status"] == "completed"
    assert set(isolated(following)) == {run}
    last = (await site.attempts(run))[-1]
    assert (last["number"], last["tries"]) == (3, 2)


async def test_a_process_that_has_no_spark_gives_the_run_back_and_keeps_nothing_waiting(
    site: StandInSite,
) -> None:
    run = await suspected(site, SHORT)
    with without_second_spark(site) as worker:
        await site.until_event(worker, "run.not_isolated", 2)
        other = await site.request(other=SHORT)
        assert (await ended(site.backend, other))[0]["status"] == "completed"
        reported = [one for one in events(worker.log) if one["event"] == "run.not_isolated"]
        own, of_worker = reported[:2]
        assert (own["exit_code"], own["error"]) == (7, "there is no memory for another Spark")
        assert of_worker["error"].endswith("ended with 7")
    assert (await row(site.backend, run))["status"] == "pending"
    _, attempt, *_ = await site.attempts(run)
    assert (attempt["outcome"], attempt["counts"]) == ("given_back", False)


async def test_a_run_is_not_given_back_for_want_of_spark_for_ever(site: StandInSite) -> None:
    run = await suspected(site, SHORT, attempt=11)
    with without_second_spark(site):
        (failed,) = await ended(site.backend, run, seconds=20)
    assert failed["error_message"] == "there is no memory for another Spark"


def without_second_spark(site: StandInSite) -> AbstractContextManager[WorkerProcess]:
    """Run a worker whose own processes can't start Spark."""
    log = site.folder / "poor.log"
    return forked_worker(site.environment, log, module="tests.process.no_second_spark")


async def suspected(site: StandInSite, table: str, *, attempt: int = 1) -> str:
    """Insert a request that has cost a worker, and whose last try has been due for a while."""
    async with site.as_worker() as connection:
        await connection.execute(
            "INSERT INTO attempts (run_id, number, worker, begun_at, ended_at, outcome, reason,"
            " next_alone) VALUES ('suspect', $1, 'dead', now() - interval '1 hour',"
            " now() - interval '10 minutes', 'expired', 'worker dead was not heard of', true)",
            attempt,
        )
    # One INSERT: a live worker may claim the request before a second statement could change it.
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    contract = await site.contract(suspect=table)
    return await site.backend.request(
        contract, ["suspect"], run_id="suspect", started_at=an_hour_ago
    )


def isolated(worker: WorkerProcess) -> dict[str, int]:
    """Return the runs for which a worker has started processes, with the ids of these."""
    lines = [line for line in events(worker.log) if line["event"] == "run.isolated"]
    return {line["run"]: line["pid"] for line in lines}


def oom_score(pid: int) -> int:
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())


def is_zombie(pid: int) -> bool:
    """Tell whether a process has ended that nobody has waited for."""
    with suppress(OSError):
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    return True
