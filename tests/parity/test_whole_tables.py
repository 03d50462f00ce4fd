"""Counting a whole table comes to what the stock profiler comes to, fetched or with Spark.

With Spark distinct counts on which no rule depends are estimates. With several partitions Spark
adds up what each comes to in the order in which they end, so the stock profiler itself differs
between two runs: there floating-point numbers may differ by one in 10^12.
"""

import random
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import (
    DecimalType,
    LongType,
    StringType,
    StructField,
    StructType,
    VariantType,
)

from tests.parity.compare import (
    Outcome,
    all_options,
    compare_whole,
    differences,
    of_spark,
    of_stock,
    of_worker,
)
from tests.parity.long import LONG
from tests.parity.whole_data import wide_rows
from tests.parity.whole_types import NUMERALS, PLAIN, typed_rows
from tests.support.long_form import long_form
from worker.counting.spark import count_table as spark
from worker.counting.spark.count_table import count_frame
from worker.counting.spark.queries import GROUP, Leaf
from worker.profiling.decide_by_counts import APPROXIMATE

pytestmark = pytest.mark.usefixtures("cheaper")

Counted = Callable[[DataFrame, Mapping[str, Any]], Outcome]


@pytest.fixture(scope="module")
def typed(session: SparkSession, tables_folder: Path) -> DataFrame:
    """A table of all types in one partition."""
    path = str(tables_folder / "typed")
    session.createDataFrame(typed_rows(300)).coalesce(1).write.parquet(path)
    return session.read.parquet(path).coalesce(1)


# Columns whose kind another one has, too.
ALIKE = frozenset(
    {
        *("short", "with_infinity", "decimal15", "decimal18", "constant"),
        *("no_text", "number", "array"),
    }
)


def test_every_type_is_profiled_as_by_the_stock_profiler(typed: DataFrame) -> None:
    columns = typed.columns if LONG else [name for name in typed.columns if name not in ALIKE]
    assert compare_whole(typed.select(columns), {"outlier_columns": columns}) == []


NUMBERS_AND_TIMES = PLAIN[: PLAIN.index("no_text")]


OPTIONS: list[tuple[list[str], dict[str, Any]]] = [
    (["text", "key", "double", "decimal10", "timestamp", "date"], {"round": False}),
    (["text", "numeral", "key"], {"trim_strings": False}),
    (["int", "text", "short", "numeral"], {"max_in_count": 100, "distinct_ratio": 0.5}),
    (["short", "text"], {"max_in_count": 5}),
    (["short", "text"], {"distinct_ratio": 0.01}),
    (NUMBERS_AND_TIMES, {"remove_outliers": False}),
    (["double", "date", "timestamp"], {"outlier_columns": ["date"]}),
    (NUMBERS_AND_TIMES, {"has_no_outliers": True, "num_sigmas": 1, "outliers_ratio": 0.5}),
    (
        ["int", "double"],
        {"has_no_outliers": True, "has_no_outliers_deny_columns": ["int"]},
    ),
    (["struct"], {"outlier_columns": ["struct"]}),
    (["struct", "int"], {"remove_outliers": False}),
]


@pytest.mark.parametrize(("columns", "changes"), OPTIONS if LONG else OPTIONS[::3], ids=str)
def test_options_change_what_they_change_for_the_stock_profiler(
    typed: DataFrame, columns: list[str], changes: dict[str, Any]
) -> None:
    assert compare_whole(typed.select(columns), changes) == []


def test_a_struct_with_a_whole_number_is_profiled_as_if_all_others_were_listed(
    typed: DataFrame,
) -> None:
    """Without a list stock DQX raises on it."""
    frame = typed.select("struct", "int")
    assert list(of_stock(frame).failed) == ["struct"]
    listed = of_stock(frame, {"outlier_columns": ["int", "struct.y.d", "struct.y.f"]})
    assert list(differences(listed, of_spark(frame), frame)) == []


@pytest.mark.parametrize("rows", [0, 1, 2] if LONG else [0, 1])
def test_few_rows(typed: DataFrame, rows: int) -> None:
    frame = typed.select(PLAIN[:: 2 if LONG else 4]).limit(rows)

    assert compare_whole(frame) == []


@long_form
def test_several_partitions(typed: DataFrame) -> None:
    frame = typed.select(PLAIN[::2]).repartition(3)
    assert frame.rdd.getNumPartitions() == 3

    assert compare_whole(frame, tolerance=1e-12) == []


LARGE = ["c2", "c4", "c13", "c24", "c36", "c41", "c46", "c47", "c48"]


@long_form
@pytest.mark.parametrize("counted", [of_worker, of_spark])
@pytest.mark.parametrize("options", [{}, {"has_no_outliers": True, "outliers_ratio": 0.2}])
def test_more_values_than_spark_keeps_for_quartiles(
    session: SparkSession, counted: Counted, options: Mapping[str, Any]
) -> None:
    frame = wide_rows(session, 120_000).select(LARGE)
    stock, found = of_stock(frame, options), counted(frame, options)
    assert list(differences(stock, found, frame, 1e-12)) == []


def test_a_table_that_fits_is_counted_here_whatever_its_number_of_rows(
    session: SparkSession,
) -> None:
    columns = ["c2", "c13", "c24", "c36", "c41"] if LONG else ["c24"]
    frame = wide_rows(session, 60_000).select(columns)
    found = of_worker(frame)
    assert APPROXIMATE not in found.statistics["c24"]
    assert list(differences(of_stock(frame), found, frame, 1e-12)) == []


@pytest.mark.parametrize("capped", [True, False])
def test_years_that_python_does_not_know_cost_the_column(
    session: SparkSession, capped: bool
) -> None:
    frame = session.range(0, 3, numPartitions=1).select(
        F.make_date(F.lit(20_000), F.lit(1), F.lit(1) + F.col("id").cast("int")).alias("date"),
        F.make_timestamp(
            F.lit(20_000), F.lit(1), F.lit(1), F.lit(1), F.lit(1), F.col("id").cast("double")
        ).alias("timestamp"),
        "id",
    )

    options = {"remove_outliers": capped}
    found = of_spark(frame, options)
    assert list(differences(of_stock(frame, options), found, frame)) == []
    assert set(found.failed) == {"date", "timestamp"}


@long_form
def test_columns_of_any_name(session: SparkSession) -> None:
    frame = session.range(20).select(
        F.col("id").alias("two words"), F.col("id").alias("c0"), F.col("id").alias("leaf")
    )

    assert compare_whole(frame) == []


def test_a_text_is_read_as_a_number_where_spark_reads_it_as_one(session: SparkSession) -> None:
    made = random.Random(5)  # noqa: S311
    alphabet = "0123456789" * 5 + "..++--eEfFdDxXpPnNaAiItTyYbB _,\t\n\u00a0\u2003\u0001\u0661"
    texts = {"".join(made.choices(alphabet, k=made.randrange(9))) for _ in range(20_000)}
    texts |= {f"{blank}{one}{blank}" for one in NUMERALS for blank in (" ", "\n", "\u00a0", "\x00")}
    texts |= {"0x1.8P1", "0X.8p1f", "-0xAp3D", "+Infinity", "iNf", "INFINITY", "1.", ".5", ".", "-"}
    frame = session.createDataFrame(pa.table({"text": sorted(texts)}))
    leaf = Leaf(StructField("text", StringType()), nested=False, trim=True)

    read = frame.select(leaf.number.alias("ours"), F.col("text").try_cast("double").alias("spark"))

    assert read.where("spark IS NOT NULL").count() > 1000
    assert read.where("NOT (ours <=> spark)").count() == 0


# How many actions it takes.


def _jobs(session: SparkSession, work: Callable[[], Any]) -> int:
    context = session.sparkContext
    context.setJobGroup("counted", "counted")
    before = len(context.statusTracker().getJobIdsForGroup("counted"))
    try:
        work()
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)  # type: ignore[arg-type]
    return len(context.statusTracker().getJobIdsForGroup("counted")) - before


@pytest.mark.parametrize(("changes", "each"), [({}, 2), ({"has_no_outliers": True}, 3)])
def test_the_number_of_actions_grows_with_groups_of_50_columns(
    session: SparkSession, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], each: int
) -> None:
    group = 50 if LONG else 2
    assert GROUP == 50
    monkeypatch.setattr(spark, "GROUP", group)
    columns = 2 * group + 2
    row = [(F.col("id"), F.lit("one"))[n % 2].alias(f"c{n}") for n in range(columns)]
    frame = session.range(1_000, numPartitions=1).select(row)
    checks: list[None] = []

    def count(first: int) -> None:
        part = frame.select(frame.columns[:first])
        count_frame(part, part.schema.fields, all_options(changes), lambda: checks.append(None))

    of_one = _jobs(session, lambda: count(group))
    assert len(checks) == each
    of_all = _jobs(session, lambda: count(columns))
    assert len(checks) == each + 3 * each

    assert of_one > 0
    assert of_all == 3 * of_one


def test_a_frame_without_leaves_is_counted(session: SparkSession) -> None:
    frame = session.range(3).select(F.struct().alias("empty"))

    assert count_frame(frame, frame.schema.fields, all_options(), lambda: None).rows == 3


def test_nothing_is_asked_after_the_work_was_stopped(session: SparkSession) -> None:
    frame = session.range(1_000).select("id", F.lit("one").alias("text"))

    class Stopped(Exception):
        pass

    def count(checks: int) -> None:
        left = iter(range(checks))

        def check() -> None:
            if next(left, None) is None:
                raise Stopped

        with pytest.raises(Stopped):
            count_frame(frame, frame.schema.fields, all_options({"has_no_outliers": True}), check)

    none, *some = (_jobs(session, partial(count, checks)) for checks in range(3))

    assert none == 0
    assert 0 < some[0] < some[1]


# What the worker gets.


def test_a_list_of_values_is_no_longer_than_shows_that_it_is_too_long(
    session: SparkSession,
) -> None:
    frame = session.range(1000).select("id", F.col("id").cast("string").alias("text"))

    table = count_frame(frame, frame.schema.fields, all_options({"max_in_count": 8}), lambda: None)

    for ((_, counts),) in table.columns.values():
        assert counts.approximate
        assert 750 < counts.counts["count_distinct"] < 1_250
        assert counts.distinct() == [None] * 8


def test_a_count_is_marked_if_it_is_an_estimate(session: SparkSession) -> None:
    frame = session.range(40_000).selectExpr(
        "id",
        "id % 9 AS few",
        "id % 2 = 0 AS mark",
        "array(double(id % 3)) AS list",
        "-0.0D AS zero",
    )
    statistics = of_spark(frame).statistics
    assert {name: one["count_distinct"] for name, one in statistics.items() if name != "id"} == {
        "few": 9,
        "mark": 2,
        "list": 3,
        "zero": 1,
    }
    assert [name for name, one in statistics.items() if one.get(APPROXIMATE)] == ["id", "zero"]


@pytest.mark.parametrize(
    ("distinct", "most"), [(8, 9), (9, 9), (300, 301), (300, 300), (5_000, 5_001)]
)
def test_a_list_that_is_hardly_too_long_or_short_enough_is_counted_exactly(
    session: SparkSession, distinct: int, most: int
) -> None:
    frame = session.range(20_000).select((F.col("id") % distinct).cast("string").alias("text"))
    options = {"max_in_count": most, "distinct_ratio": 1.0}
    found = of_spark(frame, options)
    assert found.statistics["text"]["count_distinct"] == distinct
    lists = [one.check.arguments["allowed"] for one in found.candidates if one.profile == "is_in"]
    assert [len(one) for one in lists] == [distinct] * (distinct < most)


# What is left to the stock profiler.


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        (StructField("one", VariantType()), {}),
        (StructField("one", StringType("UTF8_LCASE")), {}),
        (StructField("Summary", LongType()), {}),
        (
            StructField("one", StructType([StructField("two", LongType())])),
            {"has_no_outliers": True},
        ),
    ],
    ids=str,
)
def test_of_what_is_not_counted_only_the_rows_are(
    session: SparkSession, field: StructField, changes: dict[str, Any]
) -> None:
    # Of one partition: adaptive execution makes a job of an exchange.
    frame = session.createDataFrame([], StructType([field])).coalesce(1)

    def count() -> None:
        found = count_frame(frame, frame.schema.fields, all_options(changes), lambda: None)
        assert list(found.left) == [field.name]

    assert _jobs(session, count) == 1


@pytest.mark.parametrize(
    ("kind", "values", "changes"),
    [
        (LongType(), [-(2**63), 2**63 - 1, 0], {"has_no_outliers": True}),
        # Their sum has more digits than a decimal.
        (DecimalType(38, 0), [Decimal(10**38 - 1)] * 3, {}),
    ],
    ids=str,
)
def test_numbers_that_spark_raises_on_are_left_to_the_stock_profiler(
    session: SparkSession, kind: Any, values: list[Any], changes: dict[str, Any]
) -> None:
    schema = StructType([StructField("one", kind)])
    frame = session.createDataFrame([(value,) for value in values], schema)

    found = count_frame(frame, frame.schema.fields, all_options(changes), lambda: None)
    assert list(found.left) == ["one"]
