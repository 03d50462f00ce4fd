"""Tables or rights vanish while a worker runs: it says so, claims nothing, and goes on after."""

from collections.abc import AsyncIterator
from importlib import resources
from typing import Any

import pytest

from deploy.sandbox.grants import apply_grants
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.support.command import run_command
from tests.support.probes import ask
from tests.support.runs import ended, events, names, row
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

SEEN = ("schema.unusable", "schema.usable", "database.unavailable", "database.available")


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    folder = tmp_path_factory.mktemp("vanishes")
    return await StandInSite.made(server, folder, "vanishes", DQX_WORKER_PROBES="127.0.0.1:0")


@pytest.fixture(scope="module")
async def worker(site: StandInSite) -> AsyncIterator[WorkerProcess]:
    with site.worker() as running:
        await site.until_event(running, "worker.ready")
        yield running


async def unwell(worker: WorkerProcess) -> dict[str, str]:
    """Return the parts of /readyz that are unwell, each with its reason."""
    served = next(one for one in events(worker.log) if one["event"] == "probes.served")
    parts: dict[str, Any] = (await ask(served["port"])).json()["parts"]
    return {name: part["reason"] for name, part in parts.items() if not part["ok"]}


async def until_missing(worker: WorkerProcess, words: str) -> None:
    async def reported() -> bool:
        return words in (await unwell(worker)).get("schema", "")

    await until(reported, f"/readyz says {words}", seconds=30)


async def until_ready(worker: WorkerProcess) -> None:
    async def ready() -> bool:
        return await unwell(worker) == {}

    await until(ready, "the worker is ready", seconds=30)


def seen(worker: WorkerProcess) -> list[str]:
    return [name for name in names(events(worker.log)) if name in SEEN]


async def owner_runs(site: StandInSite, statement: str) -> None:
    async with site.backend.connection() as owner:
        await owner.execute(statement)


FAULTS = {
    "a right that every claim needs": (
        "REVOKE UPDATE (status) ON data_profiling_runs FROM dqx_worker",
        "GRANT UPDATE (status) ON data_profiling_runs TO dqx_worker",
        "GRANT UPDATE (status, summary_stats, completed_at, error_message) ON"
        " public.data_profiling_runs TO dqx_worker",
    ),
    "a right that is needed last": (
        "REVOKE INSERT ON suggested_quality_checks FROM dqx_worker",
        "GRANT INSERT ON suggested_quality_checks TO dqx_worker",
        "GRANT INSERT ON public.suggested_quality_checks TO dqx_worker",
    ),
    "a table that no claim reads": (
        "ALTER TABLE data_contract_schema_properties RENAME TO gone",
        "ALTER TABLE gone RENAME TO data_contract_schema_properties",
        "The backend's data_contract_schema_properties can't be found",
    ),
}


@pytest.mark.parametrize(("take", "give", "words"), FAULTS.values(), ids=FAULTS)
async def test_what_is_missing_is_said_until_it_is_back(
    site: StandInSite, worker: WorkerProcess, take: str, give: str, words: str
) -> None:
    await until_ready(worker)
    before = len(seen(worker))
    await owner_runs(site, take)
    met = await site.request(met="stand_in.1.1")
    await until_missing(worker, words)

    waiting = await site.request(waiting="stand_in.1.1")
    doctor = run_command(site.environment, "doctor", "--no-engine")
    assert doctor.returncode == ExitCode.DATABASE
    assert words.removesuffix(" can't be found") in doctor.stdout + doctor.stderr
    assert (await row(site.backend, waiting))["status"] == "pending"
    assert set(await unwell(worker)) == {"schema"}

    await owner_runs(site, give)
    await until_ready(worker)
    runs = await ended(site.backend, met, waiting)
    # The table is missed by what reads the contract: that run has failed.
    assert [run["status"] for run in runs] == [
        "failed" if "gone" in take else "completed",
        "completed",
    ]
    assert seen(worker)[before:] == ["schema.unusable", "schema.usable"]
    (error,) = [one["error"] for one in events(worker.log) if one["event"] == "schema.unusable"][
        -1:
    ]
    assert words in error


async def test_a_backend_that_makes_its_schema_anew_takes_the_rights_with_it(
    site: StandInSite, worker: WorkerProcess
) -> None:
    await until_ready(worker)
    before = len(seen(worker))
    await owner_runs(site, "DROP SCHEMA public CASCADE")
    await until_missing(worker, "can't be found in schema public")

    tables = resources.files("deploy.sandbox").joinpath("backend_schema.sql").read_text("utf-8")
    await owner_runs(site, f"CREATE SCHEMA public; {tables}")
    await until_missing(worker, "have the owner run: GRANT")
    assert run_command(site.environment, "doctor", "--no-engine").returncode == ExitCode.DATABASE

    await apply_grants(site.server.binaries / "psql", site.backend.owner)
    await until_ready(worker)
    (run,) = await ended(site.backend, await site.request(anew="stand_in.1.1"))
    assert run["status"] == "completed"
    assert seen(worker)[before:] == ["schema.unusable", "schema.usable"]
    assert run_command(site.environment, "doctor", "--no-engine").returncode == ExitCode.SUCCESS
