"""Steps of the doctor that see what no process of a test can be made to see."""

import os
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from tests.support.dqx_registries import METRICS, count_letters_as_empty, registered
from tests.support.hanging import hanging_folder
from worker.credentials.clock import SystemClock
from worker.credentials.passwords import provider_of
from worker.database.pool import Database
from worker.doctor.errors.files import RootsUnusable
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed
from worker.doctor.steps import engine, roots
from worker.doctor.steps.clock import check_clock
from worker.doctor.steps.dqx import check_dqx
from worker.doctor.steps.engine import check_engine
from worker.doctor.steps.roots import check_roots
from worker.process.options import WorkerOptions
from worker.profiling import comparison
from worker.profiling.example_table import Example
from worker.sampling import verified_versions as verified
from worker.sampling.dqx_options import DqxOptions
from worker.settings import load_settings
from worker.settings.compose_options import worker_options
from worker.spark.engines.local import LocalEngine
from worker.tables.errors import EngineError

pytestmark = pytest.mark.anyio


class ShiftedClock(SystemClock):
    """A machine's clock that is wrong."""

    def __init__(self, shift: timedelta) -> None:
        self._shift = shift

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift


@pytest.fixture
def options(backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorkerOptions:
    for name, value in {
        "POSTGRES_HOST": backend.worker.host,
        "POSTGRES_DB": backend.worker.database,
        "POSTGRES_USER": backend.worker.user,
        "DQX_WORKER_ROOTS": str(tmp_path),
        "DQX_WORKER_ENGINE": "local",
    }.items():
        monkeypatch.setenv(name, value)
    return worker_options(load_settings(os.environ))


@pytest.fixture
async def setup(options: WorkerOptions) -> AsyncIterator[Setup]:
    async with AsyncExitStack() as closing:
        yield Setup(
            options=options,
            database_options=options.database,
            provider=provider_of(options.credentials, options.workspace),
            clock=SystemClock(),
            with_engine=True,
            closing=closing,
        )


@pytest.mark.parametrize("shift", [timedelta(hours=3), timedelta(seconds=-30)])
async def test_a_clock_that_is_wrong_is_reported(
    setup: Setup, database: Database, shift: timedelta
) -> None:
    setup.clock = ShiftedClock(shift)
    setup.database.give(database)
    found = await check_clock(setup)
    assert found.detail["ahead_s"] == pytest.approx(shift.total_seconds(), abs=1)
    assert "set this machine's clock (NTP)" in found.remarks[0]


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        ("America/Los_Angeles", "is dated 8.00 h after a worker could see it"),
        ("Asia/Tokyo", "is dated 9.00 h before a worker could see it"),
        ("Asia/Kolkata", "is dated 5.50 h before a worker could see it"),
        ("UTC", None),
    ],
)
async def test_dates_that_a_time_zone_has_shifted_are_a_remark(
    setup: Setup, backend: Backend, database: Database, zone: str, says: str | None
) -> None:
    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="c")
        await owner.execute(f"SET TimeZone TO '{zone}'")
        await owner.execute(
            "INSERT INTO data_profiling_runs (id, contract_id, source, status, started_at)"
            # In winter: Los Angeles has a summer time.
            " VALUES ('r', 'c', 'dqx', 'pending', '2025-01-15T12:00:00'::text::timestamp)"
        )
    async with database.connection() as connection:
        await connection.execute("INSERT INTO requests_seen VALUES ('r', '2025-01-15T12:00:05Z')")
    setup.database.give(database)
    setup.readable.give(True)
    setup.own_tables.give(True)
    setup.session.give(True)
    remarks = list((await check_clock(setup)).remarks)
    assert len(remarks) == (says is not None)
    assert says is None or says in remarks[0]


async def test_a_clock_that_is_right_is_no_remark(setup: Setup, database: Database) -> None:
    setup.database.give(database)
    assert list((await check_clock(setup)).remarks) == []


async def test_a_folder_that_may_not_be_read_is_reported(
    setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the tests may be root, who may read everything."""
    monkeypatch.setattr(os, "access", lambda path, _: path != tmp_path)
    with pytest.raises(StepFailed, match="may not read") as raised:
        await check_roots(setup)
    assert isinstance(raised.value.error, RootsUnusable)
    assert "give that user" in raised.value.hints[0]
    inside = replace(setup.options.profiling, roots=(tmp_path / "hidden",))
    setup.options = replace(setup.options, profiling=inside)
    with pytest.raises(StepFailed, match="may not read"):
        await check_roots(setup)


async def test_a_folder_that_does_not_answer_is_reported(
    setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots, "_PATIENCE", timedelta(seconds=0.2))
    with hanging_folder(tmp_path / "hangs"):
        hangs = replace(setup.options.profiling, roots=(tmp_path / "hangs" / "tables",))
        setup.options = replace(setup.options, profiling=hangs)
        with anyio.fail_after(5), pytest.raises(StepFailed, match=r"did not answer within 0\.2 s"):
            await check_roots(setup)


async def test_a_machine_without_a_temporary_folder_is_reported(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: str) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(StepFailed, match="No temporary folder") as raised:
        await check_engine(setup)
    assert isinstance(raised.value.error, EngineError)
    assert "set TMPDIR" in raised.value.hints[0]


async def test_an_engine_that_hangs_is_left_behind(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    class Hanging:
        def start(self) -> None:
            release.wait()

        def stop(self) -> None:
            release.set()

    monkeypatch.setattr(engine, "make_engine", lambda _: Hanging())
    monkeypatch.setattr(engine, "_START", timedelta(milliseconds=50))
    with pytest.raises(StepFailed, match="did not start within") as raised:
        await check_engine(setup)
    assert "overloaded" in raised.value.hints[-1]


async def test_a_dqx_that_counts_otherwise_is_a_remark_with_what_differs(
    setup: Setup, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verified, "version", lambda _: "0.99.0")
    assert (await check_dqx(setup)).said == "version 0.99.0, not verified; suggestions: judged"
    monkeypatch.setattr(comparison, "EXAMPLES", (Example(("blank",), DqxOptions()),))
    setup.engine.give(engine)
    found = await check_dqx(setup)
    assert found.said.endswith("compared with the worker's counts and equals")
    assert found.detail == {
        "version": "0.99.0",
        "verified": False,
        "suggestions": "judged",
        "equal": True,
        "note": None,
    }
    assert list(found.remarks) == []

    with registered(METRICS, "empty_count", count_letters_as_empty):
        found = await check_dqx(setup)
    assert found.said.endswith("compared with the worker's counts and differs")
    assert "of blank" in str(found.detail["note"])
    (remark,) = found.remarks
    assert remark.startswith(f"{found.detail['note']}: install a version")


def test_the_installed_dqx_is_a_verified_one() -> None:
    assert verified.dqx_version() in verified.VERIFIED
