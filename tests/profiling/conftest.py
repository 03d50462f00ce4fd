"""A profiler on the engine in the tests' own process."""

from pathlib import Path
from typing import Any

import pytest

from worker.profiling.options import ProfilerChoice, ProfilingOptions
from worker.profiling.profiler import Profiler
from worker.profiling.results import Sampling
from worker.spark.local import LocalEngine
from worker.spark.options import EngineKind
from worker.spark.per_session import PerSession
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
        "max_files": 100_000,
        "stuck_limit": 4,
        "spark_memory": "1g",
    }
    return ProfilingOptions(**(values | changes))


@pytest.fixture(scope="module")
def profiler(engine: LocalEngine, tables_folder: Path) -> Profiler:
    from worker.profiling.dqx import Dqx

    client = dqx_client(WorkspaceOptions())
    return Profiler(options(tables_folder), engine, PerSession(engine, lambda: Dqx(client, engine)))
