"""What a footer says about columns, and one list of columns for files that differ."""

from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from worker.tables.parquet_files.columns import Column, columns_of, settled
from worker.tables.parquet_files.merge import Merged, merge

NANOSECONDS = pa.timestamp("ns")
MICROSECONDS = pa.timestamp("us")


def column(folder: Path, values: pa.Array, *, int96: bool = False) -> Column:
    """Write a file of one column and return it, beside another one, as its footer has it."""
    table = pa.table({"before": pa.array([{"a": 1, "b": 2}] * len(values)), "c": values})
    path = folder / "t.parquet"
    pq.write_table(table, path, use_deprecated_int96_timestamps=int96)
    before, one = columns_of(pq.read_metadata(path))
    assert before.unread is None
    return one


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([1], pa.time32("ms")), "time"),
        (pa.array([1], pa.time64("us")), "time"),
        (pa.array([1], pa.time64("ns")), "time"),
        pytest.param(
            pa.array([uuid4().bytes], pa.uuid()),
            "uuid",
            marks=pytest.mark.skipif(
                int(pa.__version__.split(".")[0]) < 21, reason="an older PyArrow writes no uuid"
            ),
        ),
        (pa.array(np.array([1], np.float16)), "float16"),
        (pa.array([Decimal(1)], pa.decimal256(50, 2)), "decimal of 50 digits"),
        (pa.array([{"t": 1}], pa.struct([("t", pa.time64("us"))])), "time"),
        (pa.array([[1]], pa.list_(pa.time64("us"))), "time"),
    ],
)
def test_a_type_that_spark_refuses_is_named(tmp_path: Path, values: pa.Array, kind: str) -> None:
    assert column(tmp_path, values).unread == f"Spark does not read the type {kind}"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([1], pa.timestamp("ns")), MICROSECONDS),
        (pa.array([1], pa.timestamp("s", "Europe/Berlin")), pa.timestamp("us", "UTC")),
        (pa.array([{"t": 1}], pa.struct([("t", NANOSECONDS)])), pa.struct([("t", MICROSECONDS)])),
        (pa.array([[1]], pa.list_(NANOSECONDS)), pa.list_(MICROSECONDS)),
        (
            pa.array([[("k", 1)]], pa.map_(pa.string(), NANOSECONDS)),
            pa.map_("string", MICROSECONDS),
        ),
        (pa.array(["a"]).dictionary_encode(), pa.string()),
        (pa.array(["a"], pa.large_string()), pa.string()),
        (pa.array([b"a"], pa.binary(1)), pa.binary()),
        (pa.array([1], pa.uint64()), pa.decimal128(20)),
        (pa.array([1], pa.duration("us")), pa.int64()),
        (pa.nulls(1), pa.null()),
    ],
)
def test_a_type_is_settled_as_spark_has_it(
    tmp_path: Path, values: pa.Array, kind: pa.DataType
) -> None:
    found = column(tmp_path, values)
    assert found.unread is None
    assert settled(found.type) == kind


def test_only_numbers_of_nanoseconds_are_reported_as_such(tmp_path: Path) -> None:
    assert column(tmp_path, pa.array([1], NANOSECONDS)).has_nanoseconds
    assert column(tmp_path, pa.array([[1]], pa.list_(NANOSECONDS))).has_nanoseconds
    assert not column(tmp_path, pa.array([1], MICROSECONDS)).has_nanoseconds
    # Spark reads INT96 as moments, although Arrow has nanoseconds for it, too.
    assert not column(tmp_path, pa.array([1], NANOSECONDS), int96=True).has_nanoseconds


def merged(**files: dict[str, pa.DataType]) -> Merged:
    """Merge files by their columns."""
    return merge(
        {Path(name): [Column(*one) for one in columns.items()] for name, columns in files.items()}
    )


def test_columns_that_only_some_files_have_are_counted() -> None:
    found = merged(a={"x": pa.int64()}, b={"y": pa.string(), "x": pa.int64()}, c={"x": pa.int64()})
    assert dict(found.columns) == {"x": pa.int64(), "y": pa.string()}
    assert (dict(found.lacking), dict(found.widened), dict(found.unread)) == ({"y": 2}, {}, {})


@pytest.mark.parametrize(
    ("one", "other", "widest"),
    [
        (pa.int32(), pa.float64(), pa.float64()),
        (pa.int32(), pa.int64(), pa.int64()),
        (pa.null(), pa.string(), pa.string()),
        (pa.float32(), pa.float64(), pa.float64()),
        (pa.decimal128(5, 2), pa.decimal128(10, 3), pa.decimal128(10, 3)),
    ],
)
def test_types_that_differ_are_widened_and_reported(
    one: pa.DataType, other: pa.DataType, widest: pa.DataType
) -> None:
    found = merged(a={"x": one}, b={"x": other})
    assert found.columns["x"] == widest
    assert found.widened == {"x": f"{other} in b, {one} in a"}


def test_types_that_can_not_be_one_are_reported_by_column_and_file() -> None:
    found = merged(a={"x": pa.int64(), "y": pa.int64()}, b={"x": pa.string(), "y": pa.int64()})
    assert set(found.columns) == {"y"}
    assert found.unread == {"x": "its type differs between files: string in b, int64 in a"}


def test_what_spark_reads_as_one_type_is_not_reported() -> None:
    found = merged(a={"x": NANOSECONDS, "y": pa.string()}, b={"x": MICROSECONDS, "y": pa.utf8()})
    assert not found.widened
