"""What parquet files say in their footers is what Spark finds out of them."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.errors import PySparkValueError

from tests.parity.work import watched
from worker.profiling.engines.local import LocalEngine
from worker.profiling.errors import TableError
from worker.profiling.footers import rows_in_footers, schema_in_footers
from worker.profiling.table import FileFormat, FileTable

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


EVERY_TYPE = (
    *("1Y AS tiny", "1S AS small", "1 AS number", "1L AS large", "true AS mark", "X'01' AS bytes"),
    *("1.5BD AS amount", "CAST(1 AS DECIMAL(38, 0)) AS digits", "1.5F AS float", "1.5D AS double"),
    *("'a' AS text", "'a' COLLATE UNICODE_CI AS folded", "parse_json('1') AS anything"),
    *("DATE'2020-01-01' AS day", "TIMESTAMP'2020-01-01' AS moment"),
    *("TIMESTAMP_NTZ'2020-01-01' AS local", "INTERVAL '1-2' YEAR TO MONTH AS months"),
    *("INTERVAL '1 02' DAY TO HOUR AS hours", "array(1, null) AS list", '1 AS `a``b.c "d"`'),
    *("map('a', struct(1 AS `x y`)) AS map", "struct(1 AS a, array(map('k', 1D)) AS b) AS nested"),
)


def test_the_schema_that_spark_wrote_is_the_one_that_it_reads(
    engine: LocalEngine, tmp_path: Path
) -> None:
    session = engine.session
    every = session.range(0, 4, numPartitions=2).selectExpr("id", *EVERY_TYPE)
    commented = every.withMetadata("id", {"comment": 'the "key" of it'})
    for number, frame in enumerate([commented, session.range(0)]):
        folder = tmp_path / str(number)
        frame.write.parquet(str(folder))
        (folder / ".hidden").mkdir()
        for path in (folder, next(folder.glob("*.parquet"))):
            with watched(session) as work:
                found = schema_in_footers(path)
                read = engine.read(FileTable(path, FileFormat.PARQUET)).schema
            assert (work.actions, work.jobs) == (0, 0)
            assert found is not None
            assert read == session.read.parquet(str(path)).schema
            assert read.names == frame.columns
        assert engine.read(FileTable(folder, FileFormat.PARQUET)).count() == frame.count()


def _another_schema(folder: Path) -> None:
    pq.write_table(pa.table({"id": [1]}), folder / "another.parquet")


def _a_folder(folder: Path) -> None:
    (folder / "day=1").mkdir()


def _metadata(folder: Path) -> None:
    (folder / "_common_metadata").touch()


def _no_parquet(folder: Path) -> None:
    (folder / "words.txt").write_text("PAR1")


def _many(folder: Path) -> None:
    for number in range(64):
        shutil.copy(next(folder.glob("*.parquet")), folder / f"{number}.parquet")


@pytest.mark.parametrize("change", [_another_schema, _a_folder, _metadata, _no_parquet, _many])
def test_where_files_differ_spark_finds_the_schema(
    engine: LocalEngine, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    folder = tmp_path / "table"
    engine.session.range(3).write.parquet(str(folder))
    assert schema_in_footers(folder) is not None
    change(folder)
    assert schema_in_footers(folder) is None


@pytest.mark.parametrize(
    "schema",
    [
        None,
        b"no JSON",
        b'{"type": "struct"}',
        b"\xff",
        json.dumps(
            {
                "type": "struct",
                "fields": [
                    {
                        "name": "id",
                        "nullable": True,
                        "metadata": {},
                        "type": {"type": "udt", "class": "some", "sqlType": "string"},
                    }
                ],
            }
        ).encode(),
    ],
)
def test_what_no_spark_wrote_is_left_to_spark(tmp_path: Path, schema: bytes | None) -> None:
    """A user-defined type too: the engine refuses it."""
    metadata = {b"org.apache.spark.sql.parquet.row.metadata": schema} if schema else {}
    path = tmp_path / "one.parquet"
    pq.write_table(pa.table({"id": [1]}).replace_schema_metadata(metadata), path)
    assert schema_in_footers(path) is None


def test_what_is_not_there_is_left_to_spark(tmp_path: Path) -> None:
    assert schema_in_footers(tmp_path) is None
    assert schema_in_footers(tmp_path / "gone.parquet") is None


@pytest.mark.parametrize("written", ['"udt"', '"\\u0075dt"'])
def test_a_file_has_no_module_of_its_choice_imported(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    name = f"chosen_by_a_file_{len(written)}"
    (tmp_path / f"{name}.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    kind = {"type": "udt", "pyClass": f"{name}.Any", "serializedClass": "", "sqlType": "long"}
    field = {"name": "id", "type": kind, "nullable": True, "metadata": {}}
    schema = json.dumps({"type": "struct", "fields": [field]}).replace('"udt"', written)
    metadata = {b"org.apache.spark.sql.parquet.row.metadata": schema.encode()}
    path = tmp_path / "one.parquet"
    pq.write_table(pa.table({"id": [1]}).replace_schema_metadata(metadata), path)
    with pytest.raises(TableError, match="has a column of a user-defined type"):
        engine.read(FileTable(path, FileFormat.PARQUET))
    assert name not in sys.modules
    # That is what pyspark does.
    with pytest.raises(PySparkValueError):
        assert engine.session.read.parquet(str(path)).schema
    assert name in sys.modules
