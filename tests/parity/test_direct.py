"""Arrow reads from parquet files what Spark fetches, row by row, or leaves them to Spark."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.profiling.conftest import options
from worker.sampling.sample import draw_sample
from worker.spark.engines.local import LocalEngine
from worker.tables.footers import read_footers
from worker.tables.parquet_files.direct import read_directly
from worker.tables.source import Source
from worker.tables.table_types import FileFormat, FileTable

MUCH = 10**9
EVERY = (
    *(
        "cast(id % 100 AS TINYINT) AS tiny",
        "cast(id AS SMALLINT) AS small",
        "cast(id AS INT) AS number",
    ),
    *(
        "id * 1000000007 AS large",
        "id % 2 = 0 AS mark",
        "cast(cast(id AS STRING) AS BINARY) AS bytes",
    ),
    "if(id % 3 = 0, NULL, cast(id AS DECIMAL(10, 2)) / 3) AS amount",
    *("cast(id AS DECIMAL(38, 6)) AS digits", "cast(id / 7 AS FLOAT) AS float", "id / 7 AS double"),
    *("if(id % 5 = 0, NULL, 'é ' || id) AS text", "if(id > 3, 'NaN', '-0')::double AS odd"),
    "date_add(DATE'0001-01-01', cast(id * 9000 AS INT)) AS day",
    "cast(NULL AS STRING) AS nothing",
    "timestamp_seconds(id * 90000000.000001BD - 30000000000) AS moment",
    "cast(timestamp_seconds(id * 86400.5) AS TIMESTAMP_NTZ) AS local",
    '1 AS `a.b "c"`',
)


def source_of(engine: LocalEngine, folder: Path) -> Source:
    return engine.read(
        FileTable(folder, FileFormat.PARQUET, files=tuple(sorted(folder.glob("*.parquet"))))
    )


def directly(
    engine: LocalEngine, folder: Path, without: Sequence[str] = (), *, most: int = MUCH
) -> pa.Table | None:
    source = source_of(engine, folder)
    assert source.footers is not None
    fields = [one for one in source.frame.schema.fields if one.name not in without]
    return read_directly(source.footers, fields, most)


@pytest.mark.parametrize("kind", ["INT96", "TIMESTAMP_MICROS"])
def test_rows_of_every_plain_type_are_those_that_spark_fetches(
    engine: LocalEngine, tmp_path: Path, kind: str
) -> None:
    """Files of different sizes and of the same one, in the order in which Spark reads them."""
    rows = engine.session.range(0, 400, 1, 1).selectExpr("id", *EVERY)
    engine.session.conf.set("spark.sql.parquet.outputTimestampType", kind)
    try:
        for number, (low, high) in enumerate([(0, 9), (9, 200), (9, 200), (200, 400), (3, 3)]):
            part = rows.where(f"id >= {low} AND id < {high}").withColumn("file", rows.id * 0 + 1)
            part.coalesce(1).write.mode("append").parquet(str(tmp_path / f"{number}"))
    finally:
        engine.session.conf.unset("spark.sql.parquet.outputTimestampType")
    folder = tmp_path / "all"
    folder.mkdir()
    for number in range(5):
        (written,) = (tmp_path / str(number)).glob("*.parquet")
        written.rename(folder / f"{number}.parquet")
    found = directly(engine, folder)
    assert found is not None
    of_spark = source_of(engine, folder).frame.toArrow()
    assert found.schema == of_spark.schema
    # By their texts: NaN equals no number, and zeros of both signs equal each other.
    assert repr(found.to_pylist()) == repr(of_spark.to_pylist())
    assert found.num_rows == 591


def test_files_of_other_writers_are_read_as_spark_reads_them(
    engine: LocalEngine, tmp_path: Path
) -> None:
    for number, rows in enumerate([3, 50, 7]):
        table = pa.table({"id": range(rows), "text": [f"text {one % 3}" for one in range(rows)]})
        table = table.append_column("moment", table["id"].cast(pa.timestamp("us", "UTC")))
        pq.write_table(table, tmp_path / f"{number}.parquet")
    found = directly(engine, tmp_path)
    assert found is not None
    assert found.equals(source_of(engine, tmp_path).frame.toArrow())
    sample = draw_sample(
        engine,
        FileTable(tmp_path, FileFormat.PARQUET, files=tuple(sorted(tmp_path.glob("*.parquet")))),
        options(tmp_path),
    )
    assert sample.rows is not None
    assert sample.rows.equals(found)


def test_what_spark_reads_otherwise_is_left_to_spark(engine: LocalEngine, tmp_path: Path) -> None:
    rows = {
        "id": pa.array([1, 2]),
        "list": pa.array([[1], [2]]),
        "milliseconds": pa.array([1, 2], pa.timestamp("ms", "UTC")),
        "unsigned": pa.array([1, 2], pa.uint8()),
        "large": pa.array(["a", "b"], pa.large_string()),
    }
    pq.write_table(pa.table(rows), tmp_path / "1.parquet")
    for name in ("list", "milliseconds", "unsigned", "large"):
        assert directly(engine, tmp_path, [one for one in rows if one not in ("id", name)]) is None
    assert directly(engine, tmp_path, list(rows)[1:]) is not None
    # Bytes as `fetch` counts them.
    assert directly(engine, tmp_path, list(rows)[1:], most=15) is None


def test_texts_are_counted_before_they_are_repeated(engine: LocalEngine, tmp_path: Path) -> None:
    """A file holds each distinct text once, and its rows may take more than the memory."""
    text = pa.array(["x" * 1000, None, "é"] * 1000)
    pq.write_table(pa.table({"text": text}), tmp_path / "1.parquet")
    assert (tmp_path / "1.parquet").stat().st_size < 5_000
    assert directly(engine, tmp_path, most=1_002_000) is not None
    assert directly(engine, tmp_path, most=1_001_999) is None


@pytest.mark.parametrize(
    ("key", "version", "read"),
    [
        ("org.apache.spark.legacyDateTime", "3.5.0", False),
        ("org.apache.spark.legacyINT96", "3.5.0", False),
        ("another", "3.0.1", False),
        ("another", "2.4.8", False),
        ("another", "new", False),
        ("another", "3.1.0", True),
    ],
)
def test_dates_of_an_old_calendar_are_left_to_spark(
    engine: LocalEngine, tmp_path: Path, key: str, version: str, *, read: bool
) -> None:
    days = pa.table({"id": [1], "day": pa.array([-700_000], pa.date32())})
    metadata = {key: "", "org.apache.spark.version": version}
    pq.write_table(days.replace_schema_metadata(metadata), tmp_path / "1.parquet")
    assert (directly(engine, tmp_path) is not None) is read
    assert directly(engine, tmp_path, ["day"]) is not None


def test_a_file_that_changes_meanwhile_or_is_damaged_is_left_to_spark(
    engine: LocalEngine, tmp_path: Path
) -> None:
    file = tmp_path / "1.parquet"
    pq.write_table(pa.table({"id": [1, 2]}), file)
    source = source_of(engine, tmp_path)
    footers = read_footers([file])
    assert footers is not None
    fields = source.frame.schema.fields
    assert read_directly(footers, fields, MUCH) is not None
    pq.write_table(pa.table({"id": [1, 2, 3]}), file)
    assert read_directly(footers, fields, MUCH) is None
    file.unlink()
    assert read_directly(footers, fields, MUCH) is None


def test_a_file_that_spark_may_split_is_left_to_spark(engine: LocalEngine, tmp_path: Path) -> None:
    large = pa.table({"id": range(3), "bytes": [bytes(4_200_000), b"", b""]})
    pq.write_table(large, tmp_path / "1.parquet", compression="none", use_dictionary=False)
    assert directly(engine, tmp_path) is None
