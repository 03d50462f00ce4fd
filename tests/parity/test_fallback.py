"""What was not verified is left to stock DQX, and reported; `fast` refuses it, `stock` asks for it.

A column that was not verified is left to it alone, and costs as much beside few others as beside
many.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from databricks.labs.dqx.profiler import profile_builder
from databricks.labs.dqx.profiler.profile import DQProfile, DQProfileBuilder
from databricks.labs.dqx.profiler.semantic import DQProfileContext
from databricks.sdk import WorkspaceClient
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import DateType, LongType, StructField

from tests.parity.compare import Outcome, differences, of_stock
from tests.parity.long import LONG
from tests.parity.work import watched
from tests.profiling.conftest import options
from tests.support.dqx_registries import BUILDERS, METRICS, registered
from worker.counting.check import Passed
from worker.counting.counted_table import Spread
from worker.counting.precomputed_frame import PrecomputedFrame, UnknownCall
from worker.profiling import dqx
from worker.profiling.evidence import gather_evidence
from worker.profiling.results import TableProfile, Trial
from worker.sampling import stock_errors
from worker.sampling import verified_versions as verified
from worker.sampling.dqx_registries import unverified_builder
from worker.sampling.options import ProfilerChoice
from worker.sampling.sample import Sample, draw_sample
from worker.sampling.sample_facts import Counted, Counting
from worker.sampling.verified_versions import VERIFIED, dqx_version
from worker.spark.engine import Engine
from worker.spark.engines.local import LocalEngine
from worker.spark.errors import dqx_failed
from worker.spark.session_kind import SessionKind
from worker.tables.errors import TableError
from worker.tables.source import Source
from worker.tables.table_types import CatalogTable, Table
from worker.workspace.offline import OfflineWorkspace

pytestmark = pytest.mark.usefixtures("cheaper")

PLAIN = "SELECT * FROM VALUES (1, 'a'), (2, 'b'), (NULL, '') AS t(number, text)"


@dataclass
class Given:
    """An engine whose only table is a frame."""

    engine: LocalEngine
    frame: DataFrame

    @property
    def session(self) -> SparkSession:
        return self.engine.session

    @property
    def kind(self) -> SessionKind:
        return self.engine.kind

    def read(self, table: Table) -> Source:
        return Source(self.frame)


def profiled(
    engine: LocalEngine,
    query: str,
    choice: ProfilerChoice = ProfilerChoice.AUTO,
    **changes: Any,
) -> tuple[Sample, TableProfile]:
    """Sample and profile what a query returns, as the worker does with a table."""
    given = cast("Engine", Given(engine, engine.session.sql(query)))
    chosen = options(Path("/"), profiler=choice, **changes)
    sample = draw_sample(given, CatalogTable(("t",)), chosen)
    client = cast("WorkspaceClient", OfflineWorkspace())
    return sample, dqx.Dqx(client, given, choice).profile(sample, threading.Event())


def assert_of_stock(
    sample: Sample, profile: TableProfile, reason: str | None, stock: Outcome | None = None
) -> None:
    """The table was stock DQX's, says why, and holds what stock DQX says of it."""
    assert profile.counted == Counted(Counting.STOCK, reason)
    assert_as_stock(sample, profile, stock)


def assert_as_stock(sample: Sample, profile: TableProfile, stock: Outcome | None = None) -> None:
    """The profile holds what stock DQX says of the whole table."""
    stock = stock or of_stock(sample.frame, dqx._options(sample))
    assert profile.statistics == stock.statistics
    assert profile.skipped_columns == {**sample.skipped_columns, **stock.failed}
    assert [(one.profile, one.column, one.description) for one in profile.candidates] == [
        (one.profile, one.column, one.description) for one in stock.candidates
    ]


TYPES = {
    "variant": "parse_json('{\"a\": 1}')",
    "void": "NULL",
    "interval day to second": "INTERVAL '1' DAY",
    "interval year to month": "INTERVAL '1' YEAR",
    "string collate UTF8_LCASE": "'a' COLLATE UTF8_LCASE",
    "interval": "make_interval(1, 2)",
    "geometry": "st_geomfromwkb(X'0101000000000000000000F03F0000000000000040')",
    "geography": "st_geogfromwkb(X'0101000000000000000000F03F0000000000000040')",
    "array<interval day>": "array(INTERVAL '1' DAY)",
    "struct<a:variant,b:int>": "named_struct('a', parse_json('1'), 'b', 2)",
    "map<string collate UNICODE,int>": "map('a' COLLATE UNICODE, 1)",
}
"""A value of each."""


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_that_is_not_verified_is_known_by_its_schema(
    session: SparkSession, kind: str
) -> None:
    fields = session.sql(f"SELECT {TYPES[kind]} AS odd, 1 AS number").schema.fields
    counted = verified.support_for(ProfilerChoice.AUTO, session.version, fields)
    assert (counted.by, counted.stock_because) == (Counting.FETCHED, None)
    assert list(counted.stock_columns) == ["odd"]
    assert counted.stock_columns["odd"].startswith("column odd is of type ")
    alone = verified.support_for(ProfilerChoice.AUTO, session.version, fields[:1])
    assert alone == Counted(Counting.STOCK, counted.stock_columns["odd"])
    with pytest.raises(TableError, match="column odd is of type"):
        verified.support_for(ProfilerChoice.FAST, session.version, fields)


# Spark does not keep a geometry between two queries.
@pytest.mark.parametrize("kind", TYPES if LONG else ["geometry", "variant"])
def test_a_type_that_is_not_verified(engine: LocalEngine, kind: str) -> None:
    query = f"SELECT 2 AS first, {TYPES[kind]} AS odd, 1 AS number"
    sample, profile = profiled(engine, query)
    assert profile.counted.by is Counting.FETCHED
    assert list(profile.counted.stock_columns) == ["odd"]
    assert_as_stock(sample, profile)
    trials = [Trial(one.column, one.check) for one in profile.candidates]
    tried = gather_evidence(sample, trials, 1_000_000)
    assert all(one.looked_at in {Passed(1, 1), None} for one in tried)


# Spark fails at a variant if it interprets its plans, as it does in the short form.
@pytest.mark.usefixtures("interpreted")
def test_a_column_at_which_dqx_fails_is_the_only_one_that_is_lost(engine: LocalEngine) -> None:
    _, profile = profiled(engine, "SELECT * FROM VALUES (1, parse_json('1')) AS t(number, odd)")
    assert profile.skipped_columns == {"odd": dqx_failed("MatchError")}
    assert profile.statistics.keys() == {"number"}


OVERFLOWING = "CAST('9' || repeat('0', 37) AS DECIMAL(38, 0)) AS odd"
NOT_COUNTED: dict[str, tuple[str, dict[str, Any]]] = {
    "collated": ("'a' COLLATE UTF8_LCASE AS odd", {}),
    "decimal": (OVERFLOWING, {}),
    "decimal in Spark": (OVERFLOWING, {"sample_bytes": 1}),
}
"""A column that stock DQX counts, and options under which the worker counts the others."""


@pytest.mark.parametrize("odd", NOT_COUNTED)
def test_an_odd_column_costs_one_column(engine: LocalEngine, odd: str) -> None:
    column, changes = NOT_COUNTED[odd]
    actions = []
    for width in (2, 20):
        others = ", ".join(f"id + {number} AS c{number}" for number in range(width))
        query = f"SELECT {others}, {column} FROM range(20)"
        with watched(engine.session) as work:
            _, profile = profiled(engine, query, **changes)
        actions.append(work.actions)
        assert list(profile.counted.stock_columns) == ["odd"]
        _, without = profiled(engine, f"SELECT {others} FROM range(20)", **changes)
        assert profile.counted.by is without.counted.by
        assert {**profile.statistics, "odd": None} == {**without.statistics, "odd": None}
        assert profile.candidates[: len(without.candidates)] == without.candidates
    assert actions[0] == actions[1]


@pytest.fixture(scope="module")
def stock(session: SparkSession) -> Outcome:
    """What stock DQX says of the plain table."""
    frame = session.sql(PLAIN)
    return of_stock(frame)


def test_a_verified_table_is_counted(engine: LocalEngine, stock: Outcome) -> None:
    for choice in (ProfilerChoice.AUTO, ProfilerChoice.FAST):
        _, profile = profiled(engine, PLAIN, choice)
        assert profile.counted == Counted(Counting.FETCHED)
        found = Outcome(profile.statistics, profile.candidates, profile.skipped_columns)
        assert list(differences(stock, found, engine.session.sql(PLAIN))) == []


def test_stock_is_what_the_setting_says(engine: LocalEngine, stock: Outcome) -> None:
    assert_of_stock(*profiled(engine, PLAIN, ProfilerChoice.STOCK), None, stock)


def test_the_installed_version_is_verified() -> None:
    assert dqx_version() in VERIFIED


def test_an_unverified_version(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "dqx_version", lambda: "0.99.0")
    _, profile = profiled(engine, PLAIN)
    assert profile.counted == Counted(Counting.STOCK, stock_errors.unverified_dqx("0.99.0"))
    _, profile = profiled(engine, PLAIN, ProfilerChoice.FAST)
    assert profile.counted == Counted(Counting.FETCHED)


def say_hello(context: DQProfileContext) -> DQProfile:
    return DQProfile(name="is_not_null", column=context.column_name, description="hello")


def ask_for_a_group(context: DQProfileContext) -> None:
    context.df.groupBy(context.df.columns[0])


def count_twos(field: StructField, label: str) -> Column:
    return F.count_if(F.col(label).cast("string") == "2")


HELLO = DQProfileBuilder(name="hello", contextual_builder=say_hello)


NOT_ITS_OWN: dict[str, tuple[dict[str, Any], str, Any, str]] = {
    "one more": (BUILDERS, "hello", HELLO, stock_errors.not_dqxs_own("builder", "hello")),
    "another": (BUILDERS, "min_max", HELLO, stock_errors.not_dqxs_own("builder", "min_max")),
    "one less": (BUILDERS, "is_in", None, stock_errors.not_dqxs_own("builder", "is_in")),
    "one more metric": (METRICS, "twos", count_twos, stock_errors.not_dqxs_own("metric", "twos")),
    "one metric less": (
        METRICS,
        "empty_count",
        None,
        stock_errors.not_dqxs_own("metric", "empty_count"),
    ),
}


@pytest.mark.parametrize("odd", NOT_ITS_OWN)
def test_a_builder_or_metric_that_is_not_dqxs_own_is_noticed(odd: str) -> None:
    registry, name, entry, reason = NOT_ITS_OWN[odd]
    with registered(registry, name, entry):
        assert unverified_builder() == reason
    assert unverified_builder() is None


@pytest.mark.parametrize("odd", NOT_ITS_OWN if LONG else ["one more"])
def test_a_table_with_a_builder_or_metric_that_is_not_dqxs_own_is_left_to_stock(
    engine: LocalEngine, odd: str
) -> None:
    registry, name, entry, reason = NOT_ITS_OWN[odd]
    with registered(registry, name, entry):
        assert_of_stock(*profiled(engine, PLAIN), reason)
        with pytest.raises(TableError, match=f"{name} is not DQX's own"):
            profiled(engine, PLAIN, ProfilerChoice.FAST)


def test_a_builder_of_a_later_dqx_asks_for_what_is_not_counted(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask_for_a_group, "__module__", profile_builder.__name__)
    asking = DQProfileBuilder(name="is_in", contextual_builder=ask_for_a_group)
    with registered(BUILDERS, "is_in", asking):
        asked = stock_errors.unknown_call("PrecomputedFrame.groupBy")
        assert_of_stock(*profiled(engine, PLAIN), asked)
        with pytest.raises(TableError, match=r"a builder asks for PrecomputedFrame\.groupBy"):
            profiled(engine, PLAIN, ProfilerChoice.FAST)


class Seven:
    """Counts of a column that holds the number seven."""

    counts: Mapping[str, int] = {"count_non_null": 1, "empty_count": 0, "count_distinct": 1}
    nans = 0
    approximate = False

    def distinct(self) -> list[int]:
        return [7]

    def seconds(self) -> Spread:
        return Spread(7, 7, 7.0, None)

    def bounds(self) -> tuple[int, int]:
        return 7, 7

    def median(self) -> int:
        return 7

    def deviation(self) -> int:
        return 0

    def outside(self, low: float, high: float) -> int:
        return 0


QUESTIONS: list[Callable[[Any], Any]] = [
    lambda frame: frame.count(),
    lambda frame: frame.schema,
    lambda frame: frame["n"],
    list,
    lambda frame: frame.select("other"),
    lambda frame: frame.select("n", "n"),
    lambda frame: frame.select(F.col("n") + 1),
    lambda frame: frame.select(F.abs(F.col("n") - F.lit(6)).alias("absolute_deviation")),
    lambda frame: frame.select("n").count(),
    lambda frame: frame.select("n").distinct().count(),
    lambda frame: frame.agg(F.max("n")),
    lambda frame: frame.agg(F.percentile_approx("n", 0.25)),
    lambda frame: frame.agg(F.percentile_approx("n", 0.5), F.max("n")),
    lambda frame: frame.agg(F.percentile_approx("n", 0.5)).first(),
    lambda frame: frame.agg(F.min("n").alias("max_value"), F.max("n").alias("min_value")),
    lambda frame: frame.filter(F.col("n") > 1),
    lambda frame: frame.filter("n > 1"),
]


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("ask", QUESTIONS)
def test_every_question_but_those_of_the_builders_is_refused(ask: Callable[[Any], Any]) -> None:
    with pytest.raises(UnknownCall):
        ask(PrecomputedFrame("n", LongType(), Seven()))


def _bounds(frame: Any) -> Any:
    return frame.agg(F.min("n").alias("min_value"), F.max("n").alias("max_value"))


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    "ask",
    [
        lambda frame: _bounds(frame).select(F.date_format("min_value", "yyyy")),
        lambda frame: frame.select(F.col("n").cast("timestamp").cast("double").alias("n")),
        lambda frame: frame.select(F.col("n").cast("timestamp").cast("bigint").alias("n")).agg(
            F.min("n").alias("min_value")
        ),
        lambda frame: frame.agg(F.percentile_approx("n", 0.5)),
    ],
)
def test_questions_about_a_date_are_as_few(ask: Callable[[Any], Any]) -> None:
    with pytest.raises(UnknownCall):
        ask(PrecomputedFrame("n", DateType(), Seven()))


def test_an_older_spark_that_was_not_compared_is_left_to_stock() -> None:
    fields = [StructField("id", LongType())]
    assert verified.support_for(ProfilerChoice.AUTO, "4.3.1", fields) == Counted(Counting.FETCHED)
    for older in ("4.2.1", "3.5.2"):
        assert verified.support_for(ProfilerChoice.AUTO, older, fields) == Counted(
            Counting.STOCK, f"Spark {older} is not a verified version"
        )
