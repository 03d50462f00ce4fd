"""How many bytes are fetched at most, and how rows are counted without a job."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame

from tests.parity.work import watched
from tests.profiling.conftest import options
from tests.support.contracts import write_parquet
from worker.profiling.engines.local import LocalEngine
from worker.profiling.fetch import _guarded, fetch
from worker.profiling.footers import rows_in_footers
from worker.profiling.profile import Counting
from worker.profiling.sample import draw_sample
from worker.profiling.table import FileFormat, FileTable

SHORT = "a few words"
KB = 1_000


def rows_of(engine: LocalEngine, texts: Sequence[str | bytes | None]) -> DataFrame:
    rows = [(number, text, [text], number) for number, text in enumerate(texts)]
    kind = "binary" if any(isinstance(text, bytes) for text in texts) else "string"
    schema = f"id INT, text {kind}, `all of it` ARRAY<{kind}>, `a ``b` INT"
    return engine.session.createDataFrame(rows, schema).coalesce(1)


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
    guarded = _guarded(frame, frame.schema.fields[1:3], KB).toArrow()
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


ODD = "a b%20ü#?+&"
"""What is written otherwise in a file's URI."""


def test_footers_tell_how_many_rows_spark_counts(engine: LocalEngine, tables_folder: Path) -> None:
    folder = tables_folder / ODD
    for name, rows in {"1.parquet": 3, "day=2/2.parquet": 4, "day=3/3.parquet": 5}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"id": range(rows)}), folder / name, row_group_size=2)
    (folder / "_SUCCESS").touch()
    pq.write_table(pa.table({"id": range(100)}), folder / "_hidden.parquet")
    for path in (folder / "1.parquet", folder / "day=2", folder / "day=3"):
        frame = engine.read(FileTable(path, FileFormat.PARQUET))
        assert rows_in_footers(frame) == frame.count()
    whole = engine.session.read.option("recursiveFileLookup", True).parquet(str(folder))
    with watched(engine.session) as work:
        assert rows_in_footers(whole) == 12
    assert work.actions == 0
    assert whole.count() == 12


def test_where_footers_tell_nothing_spark_counts(engine: LocalEngine, tables_folder: Path) -> None:
    folder = tables_folder / "two"
    folder.mkdir()
    for name in ("a", "b"):
        pq.write_table(pa.table({"id": [1]}), folder / f"{name}.parquet")
    frame = engine.read(FileTable(folder, FileFormat.PARQUET))
    assert rows_in_footers(frame) == 2
    (folder / "b.parquet").write_bytes(b"PAR1 and then nothing of it")
    assert rows_in_footers(frame) is None
    (folder / "b.parquet").unlink()
    assert rows_in_footers(frame) is None
    assert rows_in_footers(engine.session.range(3)) is None
