"""How rows are drawn, and that a table takes one or two actions of Spark, however wide it is."""

import threading
from itertools import product
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.sdk import WorkspaceClient
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from tests.parity.long import LONG
from tests.parity.work import watched
from tests.profiling.conftest import options
from worker.profiling.dqx import Dqx
from worker.profiling.options import ProfilingOptions
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.sample import draw_sample, sample_of
from worker.sampling.sample_facts import Counting, Sampling
from worker.spark.engines.local import LocalEngine
from worker.tables.errors import TableError
from worker.tables.table_types import CatalogTable, FileFormat, FileTable, Table
from worker.workspace.offline import OfflineWorkspace

FILES, ROWS = 6, 2_000
"""The files of the folder, and the rows of each."""


@pytest.fixture(scope="module")
def folder(tables_folder: Path) -> Path:
    """Return a folder of files; the numbers of the rows tell which file they are of."""
    made = tables_folder / "folder"
    made.mkdir()
    for number in range(FILES):
        ids = pa.array(range(number * ROWS, (number + 1) * ROWS))
        text = pa.array([f"text {one % 7}" for one in range(ROWS)])
        pq.write_table(pa.table({"id": ids, "text": text}), made / f"{number}.parquet")
    return made


def ids(frame: DataFrame) -> list[int]:
    return [row.id for row in frame.collect()]


@pytest.mark.parametrize(
    ("fraction", "limit", "seed"),
    [
        *[(0.1, 500, 42), (0.0, 10, 1)],
        # Of so many rows drawn that the first files have them all: of one, and of two.
        (0.5, 1_400, 3),
        *([(0.05, 11_000, 1), (0.5, 200, 7), (1.0, 2_500, 3)] if LONG else []),
    ],
)
def test_stock_sampling_draws_the_very_rows_that_stock_dqx_draws(
    engine: LocalEngine, folder: Path, fraction: float, limit: int, seed: int
) -> None:
    """In their order too: the sums of floating-point numbers depend on it."""
    chosen = options(folder, sample_fraction=fraction, sample_limit=limit, sample_seed=seed)
    sample = draw_sample(engine, FileTable(folder, FileFormat.PARQUET), chosen)
    stock = DQProfiler._sample(
        engine.session.read.parquet(str(folder)),
        {"sample_fraction": fraction, "limit": limit, "sample_seed": seed},
    )
    assert sample.rows is not None
    assert sample.rows.column("id").to_pylist() == ids(stock)
    assert ids(sample.frame) == ids(stock)
    assert sample.facts.sampling is Sampling.STOCK
    assert (sample.facts.rows, sample.facts.of_rows) == (len(ids(stock)), FILES * ROWS)


def test_a_table_within_the_limit_is_whole(engine: LocalEngine, folder: Path) -> None:
    chosen = options(folder, sample_limit=FILES * ROWS)
    sample = draw_sample(engine, FileTable(folder, FileFormat.PARQUET), chosen)
    assert sample.facts.whole
    assert sample.rows is not None
    drawn = sample.rows.column("id").to_pylist()
    assert sorted(drawn) == list(range(FILES * ROWS))
    # In the order in which stock DQX adds them up.
    assert drawn == ids(sample.frame)


@pytest.mark.parametrize("seed", range(5 if LONG else 1))
@pytest.mark.parametrize("limit", [100, 1_200, 6_000])
def test_a_representative_sample_is_of_all_files_and_within_the_limit(
    engine: LocalEngine, folder: Path, limit: int, seed: int
) -> None:
    chosen = options(folder, sampling=Sampling.REPRESENTATIVE, sample_limit=limit, sample_seed=seed)
    sample = draw_sample(engine, FileTable(folder, FileFormat.PARQUET), chosen)
    assert sample.rows is not None
    drawn = sample.rows.column("id").to_pylist()
    facts = sample.facts
    assert facts.rows == len(drawn) == len(set(drawn)) <= limit
    assert facts.fraction is not None
    expected = facts.fraction * FILES * ROWS
    # Five standard deviations at most; seeds are fixed.
    assert abs(len(drawn) - expected) < 5 * expected**0.5
    assert len(drawn) > limit / 2
    by_file = [sum(one // ROWS == number for one in drawn) for number in range(FILES)]
    assert min(by_file) > 0
    assert max(by_file) - min(by_file) < 10 * (expected / FILES) ** 0.5


@pytest.mark.parametrize("limit", [1, 3, 10, 63] if LONG else [1, 63])
def test_a_few_rows_are_as_many_as_were_asked_for(
    engine: LocalEngine, folder: Path, limit: int
) -> None:
    chosen = options(folder, sampling=Sampling.REPRESENTATIVE, sample_limit=limit)
    sample = draw_sample(engine, FileTable(folder, FileFormat.PARQUET), chosen)
    assert sample.facts.rows == limit


@pytest.mark.parametrize("limit", [None, 2 * FILES * ROWS])
def test_a_share_that_a_run_asks_for_is_drawn_of_a_small_table_too(
    engine: LocalEngine, folder: Path, limit: int | None
) -> None:
    table = FileTable(folder, FileFormat.PARQUET)
    chosen = options(folder, sample_limit=limit)
    sample = draw_sample(engine, table, chosen, DqxOptions(sample_fraction=0.1))
    assert ids(sample.frame) == ids(engine.read(table).frame.sample(fraction=0.1, seed=42))
    assert sample.facts.rows == len(ids(sample.frame))
    assert not sample.facts.whole
    everything = draw_sample(engine, table, chosen, DqxOptions(sample_fraction=1.0))
    assert everything.facts.whole


def test_stock_sampling_is_of_few_files(engine: LocalEngine, folder: Path) -> None:
    """What representative sampling is for: the limit takes what Spark reads first."""
    chosen = options(folder, sample_fraction=0.5, sample_limit=500)
    sample = draw_sample(engine, FileTable(folder, FileFormat.PARQUET), chosen)
    assert sample.rows is not None
    assert len({one // ROWS for one in sample.rows.column("id").to_pylist()}) == 1


def test_a_file_that_spark_found_gone_is_distinguished_from_one_without_columns(
    engine: LocalEngine, tables_folder: Path
) -> None:
    empty = tables_folder / "empty.csv"
    empty.touch()
    gone = tables_folder / "gone.csv"
    not_found = f"file {gone} was not found"
    nothing = engine.session.createDataFrame([], StructType([]))
    assert _refused(engine, empty, nothing) == f"table {empty} has no columns"
    assert _refused(engine, gone, nothing) == not_found
    # So it looks where somebody else has said which columns there are.
    assert _refused(engine, gone, engine.session.range(0)) == not_found


def _refused(engine: LocalEngine, path: Path, listed: DataFrame) -> str:
    with pytest.raises(TableError) as caught:
        sample_of(engine, FileTable(path, FileFormat.CSV), listed, options(path.parent))
    return str(caught.value)


WIDE = {12: 5_000, 150: 300}
"""Columns, and rows."""


BY_STOCK, EVENLY = Sampling.STOCK, Sampling.REPRESENTATIVE
CASES = list(product(WIDE, (100, 10_000), (BY_STOCK, EVENLY)))
FEW = [(150, 100, BY_STOCK), (12, 100, EVENLY), (150, 10_000, EVENLY)]


@pytest.mark.parametrize(("columns", "limit", "sampling"), CASES if LONG else FEW)
def test_a_file_takes_one_action_and_a_small_one_none(
    engine: LocalEngine, tables_folder: Path, columns: int, limit: int, sampling: Sampling
) -> None:
    """An action is a query that runs a job: rows are fetched; footers tell how many there are."""
    path = _wide(tables_folder, columns)
    chosen = options(tables_folder, sampling=sampling, sample_limit=limit)
    whole = limit >= WIDE[columns]
    assert _actions(engine, FileTable(path, FileFormat.PARQUET), chosen) == (0 if whole else 1)


@pytest.mark.parametrize("sampling", [BY_STOCK, EVENLY])
@pytest.mark.parametrize("columns", WIDE if LONG else [12])
def test_a_table_of_a_catalog_takes_two(
    engine: LocalEngine, tables_folder: Path, columns: int, sampling: Sampling
) -> None:
    """Its rows are counted, too."""
    name = f"wide_{columns}_{sampling}"
    rows = engine.session.read.parquet(str(_wide(tables_folder, columns)))
    rows.write.mode("overwrite").saveAsTable(name)
    chosen = options(tables_folder, sampling=sampling, sample_limit=100)
    assert _actions(engine, CatalogTable((name,)), chosen) == 2


def _actions(engine: LocalEngine, table: Table, chosen: ProfilingOptions) -> int:
    dqx = Dqx(cast("WorkspaceClient", OfflineWorkspace()), engine)
    with watched(engine.session) as work:
        profile = dqx.profile(draw_sample(engine, table, chosen), threading.Event())
    assert profile.counted.by is Counting.FETCHED
    assert len(profile.statistics) == profile.columns
    return work.actions


def test_stock_dqx_takes_some_for_each_column(engine: LocalEngine, tables_folder: Path) -> None:
    """That is: actions are seen where there are some."""
    path = _wide(tables_folder, 2)
    profiler = DQProfiler(cast("WorkspaceClient", OfflineWorkspace()), engine.session)
    frame = engine.session.read.parquet(str(path))
    with watched(engine.session) as work:
        profiler.profile(frame, options={"llm_primary_key_detection": False})
    assert work.actions >= 2


def _wide(folder: Path, columns: int) -> Path:
    path = folder / f"{columns}.parquet"
    kinds = [pa.int64(), pa.float64(), pa.string(), pa.decimal128(20, 0), pa.timestamp("us")]
    numbers = pa.array(range(WIDE.get(columns, 10)))
    named = {f"c{one}": numbers.cast(kinds[one % len(kinds)]) for one in range(columns)}
    pq.write_table(pa.table(named), path)
    return path
