"""A profiler on the engine in the tests' own process."""

from pathlib import Path
from typing import Any

import pytest

from worker.profiling.options import ProfilingOptions
from worker.profiling.profiler import Profiler
from worker.sampling.sample_facts import Sampling
from worker.spark.engine_kind import EngineKind
from worker.spark.engines.local import LocalEngine
from worker.spark.per_session import PerSession
from worker.workspace.clients import dqx_client
from worker.workspace.options import WorkspaceOptions


def options(root: Path, **changes: Any) -> ProfilingOptions:
    values: dict[str, Any] = {
        "engine": EngineKind.LOCAL,
        "roots": (root,),
        "tables_at_once": 2,
        "sampling": Sampling.STOCK,
        "sample_limit": 500,
        "spark_memory": "1g",
    }
    return ProfilingOptions(**(values | changes))


@pytest.fixture(scope="module")
def profiler(engine: LocalEngine, tables_folder: Path) -> Profiler:
    from worker.profiling.dqx import Dqx

    client = dqx_client(WorkspaceOptions())
    return Profiler(options(tables_folder), engine, PerSession(engine, lambda: Dqx(client, engine)))
