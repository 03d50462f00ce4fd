"""How many bytes are fetched at most, and how rows are counted without a job."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame

from tests.parity.tables import frame_of
from tests.parity.work import watched
from tests.profiling.conftest import options
from tests.support.contracts import write_parquet
from worker.sampling.fetch_rows import _guarded, _size, fetch
from worker.sampling.sample import draw_sample
from worker.sampling.sample_facts import Counting
from worker.spark.engines.local import LocalEngine
from worker.tables.table_types import FileFormat, FileTable

pytestmark = pytest.mark.usefixtures("cheaper")

SHORT = "a few words"
KB = 1_000


def rows_of(engine: LocalEngine, texts: Sequence[str | bytes | None]) -> DataFrame:
    kind = pa.binary() if any(isinstance(text, bytes) for text in texts) else pa.string()
    numbers = pa.array(range(len(texts)), pa.int32())
    columns = {
        "id": numbers,
        "text": pa.array(texts, kind),
        "all of it": pa.array([[text] for text in texts], pa.list_(kind)),
        "a `b": numbers,
    }
    return frame_of(engine.session, pa.table(columns))


@pytest.mark.parametrize(
    "texts", [[], [SHORT] * 50, [SHORT, None, ""] * 20, [SHORT.encode(), None] * 20]
)
def test_rows_of_ordinary_size_are_fetched_in_one_action(
    engine: LocalEngine, texts: Sequence[str | bytes | None]
) -> None:
    frame = rows_of(engine, texts)
    expected = frame.toArrow()
    with watched(engine.session) as work:
        fetched = fetch(frame, len(texts), 100 * KB)
    assert fetched.rows == expected
    assert fetched.drawn == len(texts)
    assert work.actions == 1


def test_rows_that_are_large_beside_the_others_take_a_second_action(engine: LocalEngine) -> None:
    frame = rows_of(engine, [SHORT, "x" * 20 * KB, None, SHORT])
    expected = frame.toArrow()
    with watched(engine.session) as work:
        fetched = fetch(frame, 4, 60 * KB)
    assert fetched.rows == expected
    assert work.actions == 2


def test_a_large_row_of_columns_that_are_never_null(engine: LocalEngine) -> None:
    frame = engine.session.range(4).selectExpr("id", "repeat('x', int(id) * 10000) AS text")
    assert not any(field.nullable for field in frame.schema.fields)
    fetched = fetch(frame, 4, 80 * KB).rows
    assert fetched is not None
    assert fetched.column("id").to_pylist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("texts", "actions"),
    [([], 1), ([SHORT, None, ""] * 20, 1), ([SHORT, "x" * 20 * KB, None, SHORT], 3)],
)
def test_rows_whose_number_is_known(
    engine: LocalEngine, texts: Sequence[str | None], actions: int
) -> None:
    frame = rows_of(engine, texts)
    expected = frame.toArrow()
    with watched(engine.session) as work:
        fetched = fetch(frame, len(texts), max(1, len(texts)) * 15 * KB, as_many=True)
    assert fetched.rows == expected
    assert fetched.drawn == len(texts)
    assert work.actions == actions


def test_rows_that_may_take_one_action_alone_stay_where_one_is_large(engine: LocalEngine) -> None:
    frame = rows_of(engine, [SHORT, "x" * 20 * KB, None, SHORT])
    with watched(engine.session) as work:
        fetched = fetch(frame, 4, 60 * KB, in_one_action=True)
    assert (fetched.rows, fetched.drawn) == (None, 4)
    assert work.actions == 1


@pytest.mark.parametrize("as_many", [True, False])
def test_rows_of_known_number_and_too_many_bytes(engine: LocalEngine, as_many: bool) -> None:
    frame = rows_of(engine, ["x" * 20 * KB] * 3)
    fetched = fetch(frame, 3, 119 * KB, as_many=as_many)
    assert fetched.rows is None
    assert fetched.drawn == 3


@pytest.mark.parametrize("large", ["x" * 20 * KB, b"x" * 20 * KB, "ü" * 10 * KB])
def test_rows_of_too_many_bytes_stay_where_they_are(
    engine: LocalEngine, large: str | bytes
) -> None:
    frame = rows_of(engine, [large] * 3)
    with watched(engine.session) as work:
        fetched = fetch(frame, 3, 119 * KB)
    assert fetched.rows is None
    assert fetched.drawn == 3
    assert work.actions == 1


def test_what_is_too_large_never_leaves_spark(engine: LocalEngine) -> None:
    frame = rows_of(engine, ["x" * 1000 * KB, SHORT] * 20)
    guarded = _guarded(frame, _size(frame.schema.fields[1:3]), KB).toArrow()
    assert guarded["row"].null_count == 20
    assert guarded.nbytes < 20 * KB
    assert sum(guarded["bytes"].to_pylist()) > 2 * 20 * 1000 * KB


def test_plain_values_alone_may_be_too_many(engine: LocalEngine) -> None:
    frame = engine.session.range(1000)
    with watched(engine.session) as work:
        assert fetch(frame, 1000, 7 * KB).rows is None
        assert work.actions == 0
    fetched = fetch(frame, 1000, 8 * KB).rows
    assert fetched is not None
    assert fetched.num_rows == 1000


@pytest.mark.parametrize(
    ("most", "counting"), [(200 * KB, Counting.FETCHED), (100 * KB, Counting.SPARK)]
)
def test_spark_counts_a_sample_of_too_many_bytes(
    engine: LocalEngine, tables_folder: Path, most: int, counting: Counting
) -> None:
    path = write_parquet(tables_folder / "texts.parquet", text=["x" * 15 * KB] * 10)
    chosen = options(tables_folder, sample_bytes=most, sample_limit=10)
    sample = draw_sample(engine, FileTable(path, FileFormat.PARQUET), chosen)
    assert sample.counted.by is counting
    assert sample.facts.rows == 10
