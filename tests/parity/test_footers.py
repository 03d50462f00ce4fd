"""What parquet files say in their footers is what Spark finds out of them."""

import json
import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.errors import PySparkValueError

from tests.parity.work import watched
from worker.spark.engines.local import LocalEngine
from worker.tables.errors import TableError
from worker.tables.folder_parts import parts_of
from worker.tables.footers import read_footers, sparks_schema
from worker.tables.table_types import FileFormat, FileTable

ODD = "a b%20ü#?+&"
"""What is written otherwise in a file's URI."""


def table(path: Path) -> FileTable:
    """Return the table of a file or a folder."""
    if not path.is_dir():
        return FileTable(path, FileFormat.PARQUET)
    found = [(one, one.stat().st_size) for one in path.rglob("*") if one.is_file()]
    return FileTable(path, FileFormat.PARQUET, files=parts_of(path, found, str(path)).files)


def test_footers_report_how_many_rows_spark_counts(
    engine: LocalEngine, tables_folder: Path
) -> None:
    folder = tables_folder / ODD
    for name, rows in {"day=1/1.parquet": 3, "day=2/2.parquet": 4, "day=3/3.parquet": 5}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"id": range(rows)}), folder / name, row_group_size=2)
    (folder / "_SUCCESS").touch()
    pq.write_table(pa.table({"id": range(100)}), folder / "_hidden.parquet")
    for path in (folder / "day=1" / "1.parquet", folder / "day=2", folder):
        read = engine.read(table(path))
        assert read.rows == read.frame.count()
    assert read.frame.columns == ["id", "day"]


def test_a_file_that_is_damaged_is_named(engine: LocalEngine, tables_folder: Path) -> None:
    folder = tables_folder / "two"
    folder.mkdir()
    for name in ("a", "b"):
        pq.write_table(pa.table({"id": [1]}), folder / f"{name}.parquet")
    both = table(folder)
    assert engine.read(both).rows == 2
    (folder / "b.parquet").write_bytes(b"PAR1 and then nothing of it")
    with pytest.raises(TableError, match=r"file .*/two/b\.parquet can't be read: it is damaged"):
        engine.read(both)
    (folder / "b.parquet").unlink()
    # Spark says what is wrong.
    assert read_footers(both.parts) is None


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
                read = engine.read(table(path)).frame.schema
            assert (work.actions, work.jobs) == (0, 0)
            assert read == session.read.parquet(str(path)).schema
            assert read.names == frame.columns
        assert engine.read(table(folder)).frame.count() == frame.count()


def test_of_many_files_spark_reads_the_footers(engine: LocalEngine, tmp_path: Path) -> None:
    one = tmp_path / "t" / "0.parquet"
    one.parent.mkdir()
    pq.write_table(pa.table({"id": [1]}), one)
    for number in range(1, 1001):
        os.link(one, one.with_name(f"{number}.parquet"))
    many = table(one.parent)
    assert read_footers(many.parts) is None
    read = engine.read(many)
    assert (read.rows, read.frame.count()) == (None, 1001)


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
    assert sparks_schema([pq.read_metadata(path)]) is None


def test_what_spark_wrote_with_different_schemas_is_read_by_columns(tmp_path: Path) -> None:
    footers = []
    for kind in ("long", "string"):
        field = {"name": "id", "nullable": True, "metadata": {}, "type": kind}
        schema = json.dumps({"type": "struct", "fields": [field]})
        metadata = {b"org.apache.spark.sql.parquet.row.metadata": schema.encode()}
        path = tmp_path / f"{kind}.parquet"
        pq.write_table(pa.table({"id": [1]}).replace_schema_metadata(metadata), path)
        footers.append(pq.read_metadata(path))
        assert sparks_schema(footers[-1:]) is not None
    assert sparks_schema(footers) is None


def test_what_is_not_there_is_left_to_spark(tmp_path: Path) -> None:
    assert read_footers([tmp_path]) is None
    assert read_footers([tmp_path / "gone.parquet"]) is None


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
        engine.read(table(path))
    assert name not in sys.modules
    # That is what pyspark does.
    with pytest.raises(PySparkValueError):
        assert engine.session.read.parquet(str(path)).schema
    assert name in sys.modules
