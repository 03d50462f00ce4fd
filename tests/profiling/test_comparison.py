"""A DQX, a Spark or a builder that is not verified is compared at the start, and then trusted.

A later release is the installed one under another version, with one builder or metric changed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from databricks.labs.dqx import check_funcs
from databricks.labs.dqx.profiler.profile import DQProfile, DQProfileBuilder
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.labs.dqx.profiler.semantic import DQProfileContext
from databricks.sdk import WorkspaceClient
from pyspark.sql import Column, DataFrame
from pyspark.sql.types import LongType, StructField

from tests.profiling.conftest import options
from tests.support.contracts import write_parquet
from tests.support.dqx_registries import BUILDERS, METRICS, count_letters_as_empty, registered
from worker.profiling import comparison, profiler
from worker.profiling.comparison import compare_if_unknown
from worker.profiling.dqx import Dqx
from worker.profiling.example_table import EXAMPLES, Example
from worker.profiling.profiler import Profiler
from worker.sampling import stock_errors
from worker.sampling import verified_versions as verified
from worker.sampling.comparison_result import NOT_COMPARED, Verdict, installed
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.options import ProfilerChoice
from worker.sampling.sample_facts import Counted, Counting
from worker.sampling.verified_versions import support_for
from worker.spark.engine import Engine
from worker.spark.engines.local import LocalEngine
from worker.telemetry.events import Event
from worker.workspace.offline import OfflineWorkspace

AUTO, FAST, STOCK = ProfilerChoice
NEWER = "0.99.0"
NUMBERS = [StructField("number", LongType())]
CLIENT = cast("WorkspaceClient", OfflineWorkspace())
Logged = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A DQX that is not verified."""
    monkeypatch.setattr(verified, "version", lambda _: NEWER)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two columns of the built-in table: stock DQX takes longest."""
    monkeypatch.setattr(comparison, "EXAMPLES", (Example(("number", "blank"), DqxOptions()),))


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Logged:
    reported: Logged = []
    for level in ("info", "warning"):
        monkeypatch.setattr(
            comparison.log, level, lambda event, **fields: reported.append((event, fields))
        )
    return reported


def compared(engine: LocalEngine, choice: ProfilerChoice = AUTO) -> Verdict:
    return compare_if_unknown(
        engine, Dqx(CLIENT, engine, choice), options(Path("/"), profiler=choice, sample_limit=10)
    )


def counted(engine: LocalEngine, verdict: Verdict, choice: ProfilerChoice = AUTO) -> Counted:
    return support_for(choice, engine.session.version, NUMBERS, verdict)


@pytest.mark.usefixtures("newer")
def test_an_unknown_dqx_that_counts_as_the_worker_does_is_trusted(
    engine: LocalEngine, logged: Logged
) -> None:
    before = {name: engine.session.conf.get(name) for name in comparison._INTERPRETED}
    verdict = compared(engine)
    assert verdict.note is None
    assert counted(engine, verdict) == Counted(Counting.FETCHED)
    assert counted(engine, NOT_COMPARED) == Counted(
        Counting.STOCK, stock_errors.unverified_dqx(NEWER)
    )
    ((event, fields),) = logged
    assert (event, fields["dqx"], fields["left"]) == (Event.DQX_COMPARED, NEWER, None)
    assert {name: engine.session.conf.get(name) for name in before} == before


def test_the_built_in_table_has_every_type_that_is_counted(engine: LocalEngine) -> None:
    fields = EXAMPLES[0].rows(engine.session).schema.fields
    assert verified.unverified_columns(fields) == {}
    assert {field.dataType.typeName() for field in fields} == {
        *("byte", "short", "integer", "long", "float", "double", "decimal", "string", "date"),
        *("timestamp", "timestamp_ntz", "boolean", "binary", "array", "map", "struct"),
    }


@pytest.mark.usefixtures("newer", "small")
def test_an_unknown_dqx_that_counts_otherwise_is_left_to_stock(
    engine: LocalEngine, logged: Logged
) -> None:
    with registered(METRICS, "empty_count", count_letters_as_empty):
        verdict = compared(engine)
        assert verdict.difference is not None
        assert verdict.difference.startswith("DQX 0.99.0 is not a verified version, and differs")
        assert "of blank" in verdict.difference
        assert counted(engine, verdict) == Counted(Counting.STOCK, verdict.difference)
    ((event, fields),) = logged
    assert (event, fields["error"]) == (Event.DQX_DIFFERS, verdict.note)
    assert fields["differences"][0] in verdict.difference
    # Trimmed, five of six texts in turn have at most one letter.
    assert fields["differences"] == [
        "statistics of blank, empty_count: stock DQX has 200, the worker 80"
    ]


@pytest.mark.usefixtures("newer", "small")
def test_a_comparison_that_fails_is_a_difference(
    engine: LocalEngine, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(DQProfiler, "_process_row")
    verdict = compared(engine)
    assert verdict.difference is not None
    assert "could not be compared with the worker's counts: AttributeError: " in verdict.difference
    assert counted(engine, verdict).by is Counting.STOCK
    assert [event for event, _ in logged] == [Event.DQX_DIFFERS]


def list_in_spark(context: DQProfileContext) -> DQProfile | None:
    """Propose a list for rows that Spark has, and none for counts."""
    if context.column_name == "number" and isinstance(context.df, DataFrame):
        return DQProfile("is_in", "number", parameters={"in": [1, 2]})
    return None


def fail_in_spark(context: DQProfileContext) -> None:
    if context.column_name == "number" and isinstance(context.df, DataFrame):
        raise ValueError("no such number")


@pytest.mark.parametrize(
    ("builder", "difference"),
    [
        (list_in_spark, "candidates is_in of number: stock DQX has 1, the worker 0"),
        (
            fail_in_spark,
            "the failure of number: stock DQX has 'DQX could not profile it: ValueError',"
            " the worker nothing",
        ),
    ],
)
@pytest.mark.usefixtures("small")
def test_other_candidates_and_columns_that_fail_are_differences(
    engine: LocalEngine, logged: Logged, builder: Any, difference: str
) -> None:
    later = DQProfileBuilder(name="is_in", contextual_builder=builder)
    with registered(BUILDERS, "is_in", later):
        verdict = compared(engine)
        assert counted(engine, verdict).by is Counting.STOCK
    assert verdict.difference is not None
    assert verdict.difference.endswith(difference)
    assert logged[0][1]["differences"][0] == difference


@pytest.mark.usefixtures("newer", "small")
def test_a_check_that_other_rows_pass_is_a_difference(
    engine: LocalEngine, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(column: str, min_limit: int, max_limit: int) -> Column:
        """The least value fails, too."""
        return is_in_range(column, min_limit=min_limit + 1, max_limit=max_limit)

    is_in_range: Callable[..., Column] = check_funcs.is_in_range
    monkeypatch.setattr(check_funcs, "is_in_range", later)
    verdict = compared(engine)
    ((_, fields),) = logged
    assert fields["differences"] == [
        "passing rows of min_max of number: stock DQX has Passed(rows=240, passing=238),"
        " the worker Passed(rows=240, passing=239)"
    ]
    assert counted(engine, verdict) == Counted(Counting.STOCK, verdict.difference)


def ask_for_a_group(context: DQProfileContext) -> None:
    if context.column_name == "number":
        context.df.groupBy(context.df.columns[0])


ASKING = DQProfileBuilder(name="is_in", contextual_builder=ask_for_a_group)


@pytest.mark.usefixtures("small")
def test_a_builder_of_ones_own_is_compared_once(engine: LocalEngine, logged: Logged) -> None:
    with registered(BUILDERS, "is_in", ASKING):
        verdict = compared(engine)
        assert verdict.difference is None
        assert verdict.note == stock_errors.asks_for_more(
            stock_errors.not_dqxs_own("builder", "is_in"),
            "number",
            stock_errors.unknown_call("PrecomputedFrame.groupBy"),
        )
        assert counted(engine, verdict) == Counted(Counting.FETCHED)
        with registered(BUILDERS, "later", ASKING):
            assert counted(engine, verdict).by is Counting.STOCK
    assert [event for event, _ in logged] == [Event.DQX_COMPARED]


@pytest.mark.parametrize(
    ("choice", "events"), [(STOCK, []), (FAST, [Event.DQX_UNVERIFIED])], ids=str
)
@pytest.mark.usefixtures("newer")
def test_stock_and_fast_compare_no_version(
    engine: LocalEngine, logged: Logged, choice: ProfilerChoice, events: list[Event]
) -> None:
    assert compare_if_unknown(engine, cast("Dqx", None), options(Path("/"), profiler=choice)) == (
        NOT_COMPARED
    )
    assert [event for event, _ in logged] == events


def test_what_is_verified_is_not_compared(engine: LocalEngine, logged: Logged) -> None:
    chosen = options(Path("/"))
    assert compare_if_unknown(engine, cast("Dqx", None), chosen) is NOT_COMPARED
    assert logged == []


@pytest.mark.usefixtures("small")
def test_an_unknown_spark_is_compared_and_trusted(
    engine: LocalEngine, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(engine.session), "version", "5.0.0")
    for choice in (AUTO, FAST):
        verdict = compared(engine, choice)
        assert verdict == Verdict(installed("0.17.0", "5.0.0"))
        assert counted(engine, verdict, choice) == Counted(Counting.FETCHED)
    monkeypatch.undo()
    assert support_for(AUTO, "5.1.0", NUMBERS, verdict).stock_because == (
        "Spark 5.1.0 is not a verified version"
    )
    assert [fields["spark"] for _, fields in logged] == ["5.0.0", "5.0.0"]


class Shared:
    """The engine of all tests, which a profiler neither starts nor stops."""

    def __init__(self, engine: LocalEngine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def start(self) -> None:
        """It runs."""

    def stop(self) -> None:
        """It runs on."""


@pytest.mark.anyio
@pytest.mark.usefixtures("newer", "small")
async def test_a_profiler_compares_at_its_start_and_reports_it(
    engine: LocalEngine, tables_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tables_folder / "words.parquet"
    write_parquet(path, word=["a", "", "word"], number=[1, 2, 3])
    shared = cast("Engine", Shared(engine))
    monkeypatch.setattr(profiler, "make_engine", lambda _: shared)
    chosen = options(tables_folder, warm=False)

    async def by() -> tuple[Counted, str | None]:
        async with (
            Profiler.open(chosen, CLIENT) as opened,
            opened.sample(str(path), "tag") as sample,
        ):
            return (await opened.profile(sample, "tag")).counted, opened.note

    assert await by() == (Counted(Counting.FETCHED), None)
    with registered(METRICS, "empty_count", count_letters_as_empty):
        found, note = await by()
    assert note is not None
    assert "of blank" in note
    assert found == Counted(Counting.STOCK, note)
