"""Every type that is counted, by hand: extremes, what is missing, and what looks like another."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from tests.parity.compare import compare, of_stock, of_worker
from tests.parity.long import LONG
from tests.parity.tables import EXTREMES, RAISING, Columns, different, frame_of, table_of
from tests.support.long_form import long_form
from worker.sampling import stock_errors
from worker.spark.errors import dqx_failed

pytestmark = pytest.mark.usefixtures("cheaper")

EVERY: Columns = {**EXTREMES, **RAISING}
CAPPED = {"outlier_columns": [*EVERY]}
REAL = {"remove_outliers": False}
UNTOUCHED = {"remove_outliers": False, "round": False, "trim_strings": False}
MEDIANS = {**UNTOUCHED, "has_no_outliers": True, "outliers_ratio": 1.0}
SLICES = 4 if LONG else 2


def only(start: str) -> Columns:
    return {name: column for name, column in EXTREMES.items() if name.startswith(start)}


@pytest.mark.parametrize("options", [CAPPED, REAL, UNTOUCHED] if LONG else [CAPPED])
@pytest.mark.parametrize("part", range(SLICES))
def test_extremes(session: SparkSession, part: int, options: Mapping[str, Any]) -> None:
    columns = dict(list(different(EXTREMES).items())[part::SLICES])
    assert compare(frame_of(session, table_of(columns)), options) == ([], None)


@pytest.mark.parametrize("options", [CAPPED, REAL, UNTOUCHED] if LONG else [CAPPED])
def test_columns_that_stock_raises_on_are_those_that_are_left_out(
    session: SparkSession, options: Mapping[str, Any]
) -> None:
    columns: Columns = {**different(RAISING), "other": (pa.int32(), [1, 2])}
    assert compare(frame_of(session, table_of(columns)), options) == ([], None)


def test_numbers_as_they_are(session: SparkSession) -> None:
    """Neither rounded nor capped: the sign of a zero and the last digit stay."""
    columns = {
        name: EXTREMES[name] for name in ("double_zeros", "decimal_5_5", "deep", "text_trim")
    }
    assert compare(frame_of(session, table_of(columns)), UNTOUCHED) == ([], None)


NUMBERS = [
    name
    for name in EVERY
    if name.startswith(("tiny", "small", "bigint_", "float", "double", "decimal"))
    # Those of 38 digits are left to stock: below.
    and not name.startswith("decimal_38")
]
FEW = (
    "tinyint",
    "bigint_high",
    "bigint_odd",
    "float_small",
    "double_inf",
    "decimal_18_18",
    "double_zeros",
)


@pytest.mark.parametrize("names", [[name] for name in NUMBERS] if LONG else [FEW])
def test_distances_to_the_median(session: SparkSession, names: Sequence[str]) -> None:
    columns = {name: EVERY[name] for name in names}
    assert compare(frame_of(session, table_of(columns)), MEDIANS) == ([], None)


@pytest.mark.parametrize("rows", [0, 1, 2] if LONG else [0, 1])
def test_none_or_hardly_any_row(session: SparkSession, rows: int) -> None:
    names = ["int", "double_java", "decimal_10_2", "text_numbers", "date", "moment_near"]
    names += ["deep"] if LONG else []
    columns = {name: EXTREMES[name] for name in names}
    options = {"outlier_columns": list(columns)}
    assert compare(frame_of(session, table_of(columns, rows)), options) == ([], None)


@long_form
@pytest.mark.parametrize("rows", [5_001, 10_001, 49_999])
def test_many_rows(session: SparkSession, rows: int) -> None:
    """From 10,000 on the digests of Spark's percentiles forget values."""
    random = np.random.default_rng(rows)
    numbers = random.lognormal(0, 9, rows)
    table = pa.table(
        {
            "double": pa.array(numbers, mask=random.random(rows) < 0.01),
            "float": pa.array(random.normal(0, 1, rows).astype(np.float32)),
            "bigint": pa.array(random.integers(-(2**60), 2**60, rows)),
            "decimal": pa.array((random.integers(-(10**9), 10**9, rows)), pa.int64()).cast(
                pa.decimal128(25, 2)
            ),
            "text": pa.array([f"{one:.3g}" for one in numbers]),
            "moment": pa.array(random.integers(0, 2**50, rows), pa.timestamp("us", tz="UTC")),
        }
    )
    assert compare(frame_of(session, table)) == ([], None)


def test_long_texts(session: SparkSession) -> None:
    texts = ["x" * 10_000, "x" * 9_999 + " ", "1" * 10_000, "0." + "0" * 5_000 + "1", " " * 10_000]
    table = pa.table({"text": pa.array(texts)})
    assert compare(frame_of(session, table)) == ([], None)


NAMES = ["a AS b", "count(1)", "a b", '"q"', "'", "é😀", "a,b", " ", "\n", "min_value", "count"]


def test_names_that_look_like_something_else(session: SparkSession) -> None:
    names = NAMES if LONG else NAMES[::3]
    table = pa.table({name: pa.array([number, None]) for number, name in enumerate(names)})
    assert compare(frame_of(session, table)) == ([], None)


ODD_STRUCTS = """
SELECT named_struct('a', 1, 'A', 2) AS s, 3 AS a, named_struct() AS nothing, 1 AS x,
    named_struct('a b', 1, 'summary', 2, 'u', named_struct('u', 3)) AS u, 4 AS `u u`,
    date'2020-01-01' AS summary, map('a', 1, 'b', 2) AS m,
    -- Neither digits before the point nor a number of them that divides by three.
    named_struct('d', 0.00000000002) AS t
UNION ALL
SELECT named_struct('a', 1, 'A', 2), 3, named_struct(), 1,
    named_struct('a b', 1, 'summary', 2, 'u', named_struct('u', 3)), 4,
    date'2020-01-01', map('b', 2, 'a', 1), named_struct('d', -1E-11BD)
"""


def test_structs_and_maps(session: SparkSession) -> None:
    frame = session.sql(ODD_STRUCTS).coalesce(1)
    assert compare(frame, {"outlier_columns": ["x"], "round": False}) == ([], None)


UTF8 = "text that is not UTF-8"
DATES = "dates beyond Python's"
LEFT_TO_STOCK = [
    (
        "SELECT array(named_struct('a', 1, 'a', 2)) AS s",
        stock_errors.unverified_type("s", "array<struct<a:int,a:int>>"),
    ),
    ("SELECT CAST(X'61FF' AS STRING) AS t", UTF8),
    ("SELECT array(CAST(X'61FF' AS STRING)) AS t", UTF8),
    ("SELECT make_date(10000, 1, 1) AS d", DATES),
    ("SELECT make_date(0, 12, 31) AS d", DATES),
    ("SELECT timestamp'0000-01-01 00:00:00' AS d", DATES),
    ("SELECT timestamp_micros(9223372036854775807L) AS d", DATES),
    ("SELECT timestamp_ntz'+10000-01-01 00:00:00' AS d", DATES),
    ("SELECT array(make_date(10000, 1, 1)) AS d", DATES),
    ("SELECT map(1, timestamp'0000-01-01 00:00:00') AS d", DATES),
    ("SELECT CAST('9' || repeat('0', 37) AS DECIMAL(38, 0)) AS d", "a mean beyond its type"),
    ("SELECT CAST(9 AS DECIMAL(38, 37)) AS d", "a mean beyond its type"),
    ("SELECT CAST(repeat('9', 28) AS DECIMAL(38, 10)) AS d", "a mean beyond its type"),
]


@pytest.mark.parametrize(("query", "reason"), LEFT_TO_STOCK)
def test_what_only_stock_can_count_is_left_to_it(
    session: SparkSession, query: str, reason: str
) -> None:
    _, left = compare(session.sql(query).coalesce(1), REAL)
    assert reason in str(left)


@pytest.mark.parametrize(("precision", "scale"), [(38, 30), (38, 38), (37, 37)])
def test_decimals_whose_distance_does_not_fit_are_left_to_stock(
    session: SparkSession, precision: int, scale: int
) -> None:
    """It rounds the distances, or raises."""
    tiny = [Decimal(one).scaleb(-scale) for one in (1, 2, 3, 10)]
    frame = frame_of(session, pa.table({"d": pa.array(tiny, pa.decimal128(precision, scale))}))
    assert "distances of more digits than a decimal's" in str(compare(frame, MEDIANS)[1])


def test_a_map_in_a_file_may_hold_a_key_twice(session: SparkSession, tmp_path: Path) -> None:
    pairs = [[("a", 1), ("a", 1)], [("a", 1)], [("a", 1), ("a", 2)], [("a", 2), ("a", 1)]]
    rows = pa.table({"m": pa.array(pairs, pa.map_(pa.string(), pa.int32()))})
    pq.write_table(rows, tmp_path / "maps.parquet")
    frame = session.read.parquet(str(tmp_path / "maps.parquet")).coalesce(1)
    assert compare(frame) == ([], None)


def test_integers_whose_distance_does_not_fit_are_left_to_stock(session: SparkSession) -> None:
    frame = frame_of(session, table_of(only("int")))
    assert "distances beyond an integer" in str(compare(frame, MEDIANS)[1])


def test_a_date_that_no_timestamp_holds_leaves_its_column_out(session: SparkSession) -> None:
    """Stock DQX's error is Java's, the worker's is Python's: see docs/figures/parity.md."""
    frame = session.sql("SELECT date_add(date'1970-01-01', 2147483647) AS d, 1 AS x").coalesce(1)
    assert of_stock(frame).failed == {"d": dqx_failed("ArithmeticException")}
    assert list(of_worker(frame).failed) == ["d"]
