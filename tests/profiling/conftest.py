"""One real engine in the tests' own process."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import jvm
from worker.profiling.engines.local import LocalEngine
from worker.profiling.options import EngineKind, ProfilerChoice, ProfilingOptions
from worker.profiling.profile import Sampling
from worker.profiling.profiler import Profiler
from worker.workspace.clients import dqx_client
from worker.workspace.options import WorkspaceOptions


def options(root: Path, **changes: Any) -> ProfilingOptions:
    values: dict[str, Any] = {
        "engine": EngineKind.LOCAL,
        "tables": ("*",),
        "roots": (root,),
        "at_once": 2,
        "profiler": ProfilerChoice.AUTO,
        "sampling": Sampling.STOCK,
        "sample_fraction": 0.1,
        "sample_limit": 500,
        "sample_seed": 42,
        "sample_bytes": 100_000_000,
        "max_columns": 2000,
        "stuck_limit": 4,
        "spark_memory": "1g",
    }
    return ProfilingOptions(**(values | changes))


@pytest.fixture(scope="module")
async def profiler(tables_folder: Path) -> AsyncIterator[Profiler]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in jvm.sooner().items():
            environment.setenv(name, value)
        async with Profiler.open(options(tables_folder), dqx_client(WorkspaceOptions())) as opened:
            yield opened


@pytest.fixture(scope="module")
def engine(profiler: Profiler) -> LocalEngine:
    assert isinstance(profiler._engine, LocalEngine)
    return profiler._engine
