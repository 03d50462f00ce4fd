"""What a whole table costs, beside the stock profiler and the least that Spark could do.

`python -m tests.parity.whole_bench 100000`: the rows of a table of 50 columns, in Parquet.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS
from databricks.labs.dqx.profiler.profiler import DQProfiler
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from tests.parity.whole_data import wide_rows
from tests.profiling.conftest import options
from worker.profiling.counting.passes import Leaf, _comparable, tally
from worker.profiling.counting.spark import count_frame
from worker.profiling.engines.local import LocalEngine
from worker.profiling.fast import decide
from worker.workspace.clients import dqx_client
from worker.workspace.options import WorkspaceOptions

OPTIONS = {"sample_fraction": None, "limit": None, "llm_primary_key_detection": False}


def main() -> None:
    """Run each way in turn, the given number of times: the first rounds warm the JVM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", nargs="*", help="whole, stock, summary, stacked, ...")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = LocalEngine(options(Path(folder), spark_memory="3g"))
        engine.start()
        path = str(Path(folder) / "wide")
        wide_rows(engine.session, asked.rows).write.parquet(path)
        frame = engine.session.read.parquet(path)
        ways = Ways(frame, DQProfiler(dqx_client(WorkspaceOptions()), engine.session))
        for _ in range(asked.rounds):
            for way in asked.only or ("stock", "whole", "summary", *DISTINCTS):
                _measure(way, getattr(ways, way))
        engine.stop()


DISTINCTS = ("stacked", "united", "structs", "count_distinct")
"""Ways to count distinct values."""


def _measure(name: str, work: Callable[[], Any]) -> None:
    """Print seconds that passed, and those that processors were busy with it."""
    processes = psutil.Process().children(recursive=True)

    def busy() -> float:
        return sum(sum(one.cpu_times()[:2]) for one in processes)

    began, before = time.monotonic(), busy()
    work()
    print(f"{name:15} {time.monotonic() - began:7.1f} s {busy() - before:7.1f} s busy", flush=True)


class Ways:
    def __init__(self, frame: DataFrame, profiler: DQProfiler) -> None:
        self.frame = frame
        self._profiler = profiler
        self._options = OPTIONS | {"outlier_columns": frame.columns}
        fields = DQProfiler.get_columns_or_fields(frame.schema.fields)
        self._leaves = {
            n: Leaf(field, nested="." in field.name, trim=True) for n, field in enumerate(fields)
        }

    def stock(self) -> None:
        self._profiler.profile(self.frame, options=self._options)

    def whole(self) -> None:
        every = {**DEFAULT_PROFILE_OPTIONS, **self._options}
        table = count_frame(self.frame, self.frame.schema.fields, every, lambda: None)
        decide(self._profiler, table, every, lambda: None)

    def summary(self) -> None:
        self.frame.summary().collect()

    def count_distinct(self) -> None:
        self.frame.agg(*(F.countDistinct(one.raw) for one in self._leaves.values())).collect()

    def stacked(self) -> None:
        tally(self.frame, self._leaves).collect()

    def united(self) -> None:
        """An `unpivot` for each kind of value, each with a look at the table."""
        kinds: dict[str, list[Column]] = {}
        for number, leaf in self._leaves.items():
            kind, value = _comparable(leaf)
            kinds.setdefault(kind, []).append(value.alias(str(number)))

        def parts() -> Iterator[DataFrame]:
            for values in kinds.values():
                rows = self.frame.select(*values)
                yield _counted(rows.unpivot([], None, "leaf", "value"), "value")

        first, *others = parts()
        for one in others:
            first = first.union(one)
        first.collect()

    def structs(self) -> None:
        """One `unpivot` of structs that have a place for each kind of value."""
        found = {n: _comparable(leaf) for n, leaf in self._leaves.items()}
        types = {
            kind: self.frame.select(value).schema[0].dataType for kind, value in found.values()
        }
        places = {kind: f"v{n}" for n, kind in enumerate(types)}
        rows = self.frame.select(
            *(
                F.struct(
                    *(
                        (value if kind == one else F.lit(None).cast(types[one])).alias(place)
                        for one, place in places.items()
                    )
                ).alias(str(number))
                for number, (kind, value) in found.items()
            )
        )
        values = rows.unpivot([], None, "leaf", "value").select("leaf", "value.*")
        _counted(values, *places.values()).collect()


def _counted(values: DataFrame, *places: str) -> DataFrame:
    times = values.groupBy("leaf", *places).agg(F.count(F.lit(1)).alias("times"))
    return times.groupBy("leaf").agg(F.count(F.lit(1)), F.sum("times"))


if __name__ == "__main__":
    main()
