"""The engine that is measured and its contenders, all on one table with the same options."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import duckdb
import pyarrow as pa
from databricks.labs.dqx.profiler.profiler import DQProfiler

from tests.bench_profile.measure import Cost, measured
from tests.profiling.conftest import options
from worker.counting.arrow.count_table import count_rows
from worker.counting.spark.float_texts import float_texts
from worker.profiling.dqx import Dqx
from worker.profiling.evidence import gather_evidence
from worker.profiling.options import ProfilingOptions
from worker.profiling.results import TableProfile, Trial
from worker.sampling.sample import draw_sample
from worker.spark.engines.local import LocalEngine
from worker.tables.resolve_name import resolve_table
from worker.workspace.offline import OfflineWorkspace

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from pyspark.sql import DataFrame

__all__ = ["Bench"]

_CLIENT = cast("WorkspaceClient", OfflineWorkspace())
_OF_ONE_QUERY = 100


@dataclass
class Bench:
    """A Spark as workers have it, with the defaults of their settings."""

    engine: LocalEngine
    options: ProfilingOptions

    @classmethod
    def started(cls, root: Path) -> "Bench":
        """Start Spark."""
        chosen = options(root, sample_limit=5000, spark_memory="4g")
        engine = LocalEngine(chosen)
        engine.start()
        return cls(engine, chosen)

    def ours(self, path: Path, **changes: Any) -> tuple[Cost, TableProfile]:
        """Profile a table as a worker does, from its name to its candidates."""
        chosen = replace(self.options, **changes)
        dqx = Dqx(_CLIENT, self.engine)

        def profile() -> TableProfile:
            stopped = threading.Event()
            table = resolve_table(str(path), chosen, stopped)
            return dqx.profile(draw_sample(self.engine, table, chosen), stopped)

        return self.measured(profile)

    def tried(self, path: Path, **changes: Any) -> Cost:
        """Profile a table and try its candidates, as a worker does."""
        chosen = replace(self.options, **changes)
        dqx = Dqx(_CLIENT, self.engine)

        def evidence() -> None:
            stopped = threading.Event()
            table = resolve_table(str(path), chosen, stopped)
            sample = draw_sample(self.engine, table, chosen)
            found = dqx.profile(sample, stopped).candidates
            trials = [Trial(one.column, one.check) for one in found]
            gather_evidence(sample, trials, chosen.sample_bytes)
            sample.release()

        return self.measured(evidence)[0]

    def stock(self, path: Path, *, limit: int | None = 5000) -> tuple[Cost, int]:
        """Profile a table with stock DQX; return how many profiles it makes."""
        frame = self.engine.session.read.parquet(str(path))
        chosen = {
            "sample_fraction": self._fraction(frame, limit),
            "sample_seed": self.options.sample_seed,
            "limit": limit,
            "llm_primary_key_detection": False,
        }
        profiler = DQProfiler(_CLIENT, self.engine.session)
        cost, (_, profiles) = self.measured(lambda: profiler.profile(frame, options=chosen))
        return cost, len(profiles)

    def fetch(self, path: Path) -> tuple[Cost, pa.Table]:
        """Fetch the sample and nothing else."""
        frame = self.engine.session.read.parquet(str(path))
        limit = cast("int", self.options.sample_limit)
        if fraction := self._fraction(frame, limit):
            frame = frame.sample(fraction=fraction, seed=self.options.sample_seed)
        return self.measured(frame.limit(limit).toArrow)

    def _fraction(self, frame: "DataFrame", limit: int | None) -> float | None:
        """Return the share that all contenders draw: none of a table that is looked at whole."""
        whole = limit is None or frame.count() <= limit
        return None if whole else self.options.sample_fraction

    def summarize(self, rows: pa.Table) -> Cost:
        """Have DuckDB summarize a sample that is here already."""
        with duckdb.connect() as connection:
            connection.register("sample", rows)
            return self.measured(connection.sql("SUMMARIZE sample").fetchall)[0]

    def summarize_files(self, path: Path) -> Cost:
        """Have DuckDB summarize a table of parquet files."""
        with duckdb.connect() as connection:
            summary = f"SUMMARIZE SELECT * FROM '{path}/*.parquet'"
            return self.measured(connection.sql(summary).fetchall)[0]

    def sample_files(self, path: Path) -> Cost:
        """Have DuckDB draw as many rows of a table of parquet files, each by itself."""
        with duckdb.connect() as connection:
            drawn = f"SELECT * FROM '{path}/*.parquet' USING SAMPLE reservoir(5000 ROWS)"
            return self.measured(connection.sql(drawn).fetchall)[0]

    def count(self, rows: pa.Table, path: Path) -> Cost:
        """Count the columns of a sample that is here already, as this profiler does."""
        fields = self.engine.session.read.parquet(str(path)).schema.fields

        texts = partial(float_texts, self.engine.session)

        def counted() -> list[dict[str, int]]:
            table = count_rows(rows, fields, texts, trim=True)
            return [dict(one.counts) for parts in table.columns.values() for _, one in parts]

        return self.measured(counted)[0]

    def count_with_duckdb(self, rows: pa.Table) -> Cost:
        """Have DuckDB count as much of them, in a query for each hundred columns.

        One for a thousand takes more memory than this machine has.
        """
        fields = list(rows.schema)
        parts = [fields[at : at + _OF_ONE_QUERY] for at in range(0, len(fields), _OF_ONE_QUERY)]
        with duckdb.connect() as connection:
            connection.register("sample", rows)
            queries = [f"SELECT {', '.join(_asked(part))} FROM sample" for part in parts]
            return self.measured(lambda: [connection.sql(one).fetchall() for one in queries])[0]

    def tables(self, paths: Sequence[Path], *, at_once: int) -> float:
        """Profile tables, so many at a time; return the seconds that all of them took."""
        threads = ThreadPoolExecutor(at_once)
        began = time.perf_counter()
        for _ in threads.map(self._tagged, paths):
            pass
        threads.shutdown()
        return time.perf_counter() - began

    def _tagged(self, path: Path) -> None:
        with self.engine.kind.tagged(str(uuid4())):
            stopped = threading.Event()
            table = resolve_table(str(path), self.options, stopped)
            Dqx(_CLIENT, self.engine).profile(
                draw_sample(self.engine, table, self.options), stopped
            )

    def measured(self, call: Callable[[], Any]) -> tuple[Cost, Any]:
        """Return what a call costs, and its result."""
        return measured(self.engine.session, call)


def _asked(fields: Sequence[pa.Field]) -> list[str]:
    asked = []
    for field in fields:
        name = f'"{field.name}"'
        asked += [f"count({name})", f"count(DISTINCT {name})", f"min({name})", f"max({name})"]
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
            quartiles = f"quantile_disc({name}, [0.25, 0.5, 0.75])"
            asked += [f"avg({name})", f"stddev_samp({name})", quartiles]
    return asked
