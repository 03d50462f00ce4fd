"""The Spark of the bench, and the files that contenders read."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from tests.bench_suggestions.table import BenchTable
from tests.profiling.conftest import options
from worker.profiling.options import ProfilingOptions
from worker.sampling.sample_facts import Sampling
from worker.spark.engines.local import LocalEngine

__all__ = ["Past", "Place"]


@dataclass(frozen=True)
class Place:
    """An engine that has started, and the settings of a worker with their defaults."""

    engine: LocalEngine
    options: ProfilingOptions
    folder: Path

    @classmethod
    def started(cls, folder: Path) -> "Place":
        """Start Spark."""
        chosen = options(
            folder, sampling=Sampling.REPRESENTATIVE, sample_limit=5000, spark_memory="2g"
        )
        engine = LocalEngine(chosen)
        engine.start()
        return cls(engine, chosen, folder)


@dataclass(frozen=True)
class Past:
    """What a contender is given: rows, and no more of the table than a data contract has."""

    table: BenchTable
    rows: pa.Table
    seed: int
