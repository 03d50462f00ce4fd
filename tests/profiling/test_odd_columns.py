"""Stock DQX counts columns of odd types at the same time as the worker counts the others."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.profiling.conftest import options
from worker.counting.arrow.count_table import count_rows
from worker.profiling import dqx
from worker.profiling.dqx import Dqx
from worker.sampling.sample import draw_sample
from worker.spark.engines.local import LocalEngine
from worker.tables.resolve_name import resolve_table
from worker.workspace.clients import offline_client

TAG = "a table with an odd column"
PATIENCE = 20.0


def test_its_jobs_run_under_the_tag_of_the_table_while_python_counts(
    engine: LocalEngine, tables_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tables_folder / "odd"
    rows = engine.session.range(50).selectExpr("id", "parse_json('[1]') AS odd")
    rows.write.parquet(str(path))
    chosen = options(tables_folder)
    sample = draw_sample(engine, resolve_table(str(path), chosen, threading.Event()), chosen)
    context: Any = engine.session.sparkContext._jsc.sc()
    seen = 0

    def count_once_stock_is_at_work(*arguments: Any, **options: Any) -> Any:
        nonlocal seen
        until = time.monotonic() + PATIENCE
        while not seen and time.monotonic() < until:
            seen = len(context.statusTracker().getJobIdsForTag(TAG))
        return count_rows(*arguments, **options)

    monkeypatch.setattr(dqx, "count_rows", count_once_stock_is_at_work)
    with engine.kind.tagged(TAG):
        profile = Dqx(offline_client(), engine).profile(sample, threading.Event())
    assert seen
    assert profile.counted.stock_columns.keys() == {"odd"}
    assert [one.column for one in profile.candidates] == ["id", "id", "odd"]
