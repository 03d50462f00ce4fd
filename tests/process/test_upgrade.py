"""An upgrade as operators make it: a worker of the previous version beside one of this version.

The previous version is a commit of this repository. A clone without its history skips these tests.
"""

import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess, worker_environment
from tests.chaos.stand_in import stand_in_name
from tests.support.command import migrate
from tests.support.databases import copy_backend
from tests.support.long_form import some
from tests.support.runs import ended, events, names, suggestions
from tests.support.stand_in_workers import SETTINGS, STAND_IN, StandInSite
from worker.database.migrate import known_migrations
from worker.telemetry.events import Event

pytestmark = pytest.mark.anyio

PREVIOUS = "6643f70a1871182357c1caa4c61f9429bbf986ca"
"""The last commit before the migrations of this version."""

ROOT = Path(__file__).parents[2]
# Enough for both workers to take some.
_RUNS = 16
# Of two workers together: each has to hold a run.
_SLOTS = 4
_SHORT, _LONG = stand_in_name(300, 2), stand_in_name(2000, 2)


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the previous version."""
    archive = subprocess.run(
        ["git", "archive", PREVIOUS, "worker", "deploy", "tests"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if archive.returncode != 0:
        pytest.skip(f"the history lacks {PREVIOUS[:7]}: run git fetch --unshallow")
    folder = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


@pytest.fixture
async def site(server: Postgres, tmp_path: Path, previous: Path) -> StandInSite:
    """A database that the previous version has migrated."""
    backend = await copy_backend(server, "upgrade")
    environment = worker_environment(backend.worker, tmp_path, **SETTINGS)
    subprocess.run(
        [sys.executable, "-m", "worker", "migrate"], cwd=previous, env=environment, check=True
    )
    return StandInSite(server, backend, tmp_path, environment)


@contextmanager
def old_worker(site: StandInSite, previous: Path) -> Iterator[WorkerProcess]:
    """Run a worker of the previous version while the block runs."""
    # `-m` finds the modules of the current folder first.
    command = ["env", "-C", str(previous), sys.executable, "-m", STAND_IN, "run"]
    log = site.folder / "old.log"
    log.touch()
    with WorkerProcess.running(site.environment, log, command=command) as worker:
        yield worker


async def takers(site: StandInSite, *runs: str) -> set[str]:
    """Return the workers that have completed these runs."""
    async with site.as_worker() as connection:
        rows = await connection.fetch(
            "SELECT worker FROM attempts WHERE run_id = ANY ($1) AND outcome = 'completed'", runs
        )
    return {row["worker"] for row in rows}


def name_of(worker: WorkerProcess) -> str:
    """Return the name by which a worker that is ready is known."""
    (line,) = (one for one in events(worker.log) if one["event"] == Event.WORKER_READY)
    return str(line["worker"])


def has_pending(site: StandInSite) -> bool:
    """Return whether the schema lacks migrations of this version."""
    done = subprocess.run(
        [sys.executable, "-m", "worker", "migrate", "--check"],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        check=False,
    )
    return done.returncode != 0


async def test_an_old_and_a_new_worker_share_the_requests_and_take_over_from_each_other(
    site: StandInSite, previous: Path
) -> None:
    applied = len(list((previous / "worker/database/migrations").glob("*.sql")))
    with old_worker(site, previous) as old:
        await site.until_event(old, Event.WORKER_READY)
        begun_before = await site.request(a=_LONG)
        await site.until_states(begun_before, a="profiling")
        assert has_pending(site) == (len(known_migrations()) > applied)
        # Beside the old worker, which has a run in work.
        await migrate(site.environment)
        assert not has_pending(site)

        with site.worker("new") as new:
            await site.until_event(new, Event.WORKER_READY)
            shared = [await site.request(**{f"t{number}": _SHORT}) for number in range(_RUNS)]
            await ended(site.backend, begun_before, *shared)
            assert await takers(site, *shared) == {name_of(old), name_of(new)}

            async with site.as_worker() as connection:
                known = await connection.fetch("SELECT id FROM workers")
            assert {row["id"] for row in known} == {name_of(old), name_of(new)}
            for worker in (old, new):
                refused = {Event.SCHEMA_UNUSABLE, Event.LEASE_LOST, Event.RUN_ABANDONED}
                assert refused.isdisjoint(names(events(worker.log)))
    for run in (begun_before, *shared):
        assert len(await site.attempts(run)) == 1
        assert len(await suggestions(site.backend, run)) == 2


@pytest.mark.parametrize("dying", some(["old", "new"], 2))
async def test_each_takes_over_the_runs_of_the_other(
    site: StandInSite, previous: Path, dying: str
) -> None:
    await migrate(site.environment)
    with old_worker(site, previous) as old:
        await site.until_event(old, Event.WORKER_READY)
        with site.worker("new") as new:
            await site.until_event(new, Event.WORKER_READY)
            workers = {name_of(old): old, name_of(new): new}
            killed = old if dying == "old" else new
            survivor = new if dying == "old" else old
            runs = [await site.request(**{f"t{number}": _LONG}) for number in range(_SLOTS)]
            for number, run in enumerate(runs):
                await site.until_states(run, **{f"t{number}": "profiling"})
            held = [
                run for run in runs if workers[(await site.attempts(run))[0]["worker"]] is killed
            ]
            assert held
            killed.send(signal.SIGKILL)
            await ended(site.backend, *runs)
            assert await takers(site, *held) == {name_of(survivor)}
    for run in held:
        assert [one["outcome"] for one in await site.attempts(run)] == ["expired", "completed"]
        assert len(await suggestions(site.backend, run)) == 2
