"""Stock DQX and the worker on the same rows with the same options, difference by difference.

The worker's side is its own entry, `Dqx.profile`. Candidates are equal if their types and their
`repr` are; the list of an `is_in` has the order of a collect in stock DQX: it compares as a set.
Statistics are equal alike, but for what docs/parity.md lists.
"""

import math
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from databricks.labs.dqx.profiler.generator import DQGenerator
from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.sdk import WorkspaceClient
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import IntegralType, StringType

from tests.parity import outliers
from tests.parity.ranks import ranks_near
from tests.profiling.conftest import options as profiling_options
from worker.counting.spark.queries import Leaf
from worker.profiling.decide_by_counts import APPROXIMATE
from worker.profiling.dqx import Dqx
from worker.profiling.normalize_rule import normalize_rule
from worker.profiling.results import Candidate
from worker.profiling.stock_dqx import profile_frame
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.options import ProfilerChoice
from worker.sampling.sample import sample_of
from worker.sampling.sample_facts import Counting
from worker.spark.engine import Engine
from worker.spark.session_kind import SessionKind, kind_of
from worker.tables.errors import TableError
from worker.tables.table_types import CatalogTable
from worker.workspace.offline import OfflineWorkspace

__all__ = [
    "WHOLE",
    "Outcome",
    "all_options",
    "compare",
    "compare_whole",
    "differences",
    "of_spark",
    "of_stock",
    "of_worker",
    "profiler_of",
]

WHOLE = {"sample_fraction": None, "limit": None, "llm_primary_key_detection": False}
"""Every row, and no language model."""
_CLIENT = cast("WorkspaceClient", OfflineWorkspace())
_MANY_BYTES, _FEW_BYTES = 1_000_000_000, 1
_NUMBER = re.compile(r"-?\d+\.\d+(?:[eE][+-]?\d+)?")
_QUARTILES = {"25%": 0.25, "50%": 0.5, "75%": 0.75}
_SAME_DIGITS = 1e-14
"""Of quartiles of decimals Java writes more digits than are needed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a profiler says of a table."""

    statistics: Mapping[str, Mapping[str, Any]]
    candidates: Sequence[Candidate]
    failed: Mapping[str, str]
    """The columns that it raises on, and what is told of that."""


def compare(
    frame: DataFrame, options: Mapping[str, Any] | None = None
) -> tuple[list[str], str | None]:
    """Return every difference, and why the worker would leave the table to stock DQX; else None."""
    try:
        found = of_worker(frame, options)
    except TableError as left:
        return [], str(left)
    stock = of_stock(frame, _with_outlier_columns(frame, options))
    return list(differences(stock, found, frame)), None


def _with_outlier_columns(frame: DataFrame, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return options with which stock DQX does not raise on nested whole numbers.

    With no list of columns it cuts the outliers of each, and raises on those: they have no mean in
    Spark's summary. As the worker does, the list has all others.
    """
    found = dict(options or {})
    if not found.get("outlier_columns"):
        fields = frame.schema.fields
        top = {one.name for one in fields}
        found["outlier_columns"] = [
            one.name
            for one in DQProfiler.get_columns_or_fields(list(fields))
            if one.name in top or not isinstance(one.dataType, IntegralType)
        ]
    return found


def compare_whole(
    frame: DataFrame, options: Mapping[str, Any] | None = None, *, tolerance: float = 0.0
) -> list[str]:
    """Return every difference where Spark counts all rows for the worker.

    Numbers in floating point may differ by a `tolerance` of their size. Raises `TableError`.
    """
    return list(differences(of_stock(frame, options), of_spark(frame, options), frame, tolerance))


def of_stock(frame: DataFrame, options: Mapping[str, Any] | None = None) -> Outcome:
    """Profile with stock DQX; each column on its own where it raises."""
    session = frame.sparkSession
    statistics, profiles, failed = profile_frame(
        profiler_of(session),
        kind_of(session),
        frame,
        all_options(options),
        threading.Event(),
    )
    generator = DQGenerator(_CLIENT, session)
    candidates = [one for profile in profiles for one in _candidates(generator, profile)]
    return Outcome(statistics, candidates, {name: str(one) for name, one in failed.items()})


def _candidates(generator: DQGenerator, profile: DQProfile) -> Iterator[Candidate]:
    try:
        rules = generator.generate_dq_rules([profile])
    # It raises on an infinite bound, and asserts that its check is valid.
    except (AssertionError, ArithmeticError, TypeError, ValueError):
        return
    for rule in rules:
        yield Candidate(normalize_rule(rule), profile.name, profile.column, profile.description)


def of_worker(frame: DataFrame, options: Mapping[str, Any] | None = None) -> Outcome:
    """Profile as the worker does what it fetches. Raises `TableError` for stock DQX's columns."""
    sampled = DQProfiler._sample(frame, all_options(options))
    return _profiled(sampled, options, Counting.FETCHED, _MANY_BYTES)


def of_spark(frame: DataFrame, options: Mapping[str, Any] | None = None) -> Outcome:
    """Profile as the worker does a whole table that is too large to be fetched."""
    return _profiled(frame, options, Counting.SPARK, _FEW_BYTES)


def _profiled(
    frame: DataFrame,
    options: Mapping[str, Any] | None,
    by: Counting,
    sample_bytes: int,
) -> Outcome:
    """Sample and profile a frame through the worker's own entry."""
    engine = cast("Engine", _Running(frame.sparkSession))
    # Also values that a request may not have.
    chosen = DqxOptions.model_construct(**(dict(options or {})))
    of_builders = DqxOptions.model_construct(**chosen.of_builders)
    settings = profiling_options(
        Path("/"),
        profiler=ProfilerChoice.FAST,
        sample_limit=None,
        sample_bytes=sample_bytes,
        max_columns=30_000,
    )
    sample = sample_of(engine, CatalogTable(("t",)), frame, settings, of_builders)
    assert not sample.skipped_columns
    profile = Dqx(_CLIENT, engine, ProfilerChoice.FAST).profile(sample, threading.Event())
    sample.release()
    assert profile.counted.by is by
    failed = {name: str(reason) for name, reason in profile.skipped_columns.items()}
    return Outcome(profile.statistics, profile.candidates, failed)


@dataclass
class _Running:
    """The session that a frame is of, as an engine."""

    session: SparkSession

    @property
    def kind(self) -> SessionKind:
        return kind_of(self.session)


def profiler_of(session: SparkSession) -> DQProfiler:
    """Return stock DQX's profiler, which asks no workspace anything."""
    return DQProfiler(_CLIENT, session)


def differences(
    stock: Outcome, worker: Outcome, frame: DataFrame, tolerance: float = 0.0
) -> Iterator[str]:
    """Yield a sentence for each difference; `frame` has the rows of both."""
    yield from _of_values("failed", stock.failed, worker.failed)
    fields = DQProfiler.get_columns_or_fields(frame.schema.fields)
    leaves = {one.name: Leaf(one, nested="." in one.name, trim=False) for one in fields}
    for column in dict.fromkeys([*stock.statistics, *worker.statistics]):
        expected, found = dict(stock.statistics.get(column, {})), worker.statistics.get(column, {})
        _forgive(expected, found, frame, leaves.get(column))
        yield from _of_values(f"statistics of {column}", expected, found, tolerance)
    expected_names = [(one.column, one.profile) for one in stock.candidates]
    found_names = [(one.column, one.profile) for one in worker.candidates]
    if expected_names != found_names:
        for whose, these, those in (
            ("stock", expected_names, found_names),
            ("the worker", found_names, expected_names),
        ):
            yield f"candidates that only {whose} has: {[one for one in these if one not in those]}"
        return
    for one, other in zip(stock.candidates, worker.candidates, strict=True):
        what = f"{one.profile} of {one.column}"
        if not _are_accurate(frame, leaves.get(one.column), one.description, other.description):
            yield from _of_values(
                f"description of {what}", one.description, other.description, tolerance
            )
        for attribute in one.check.__dataclass_fields__:
            expected, found = (_unordered(getattr(each.check, attribute)) for each in (one, other))
            yield from _of_values(f"{attribute} of {what}", expected, found, tolerance)


def _forgive(
    expected: dict[str, Any], found: Mapping[str, Any], frame: DataFrame, leaf: Leaf | None
) -> None:
    """Expect the worker's own values where they are as accurate as Spark's documentation says."""
    if found.get(APPROXIMATE):
        expected[APPROXIMATE] = True
        distinct = expected.get("count_distinct", 0)
        # Five standard deviations.
        if abs(found["count_distinct"] - distinct) <= 5 * 0.05 * distinct:
            expected["count_distinct"] = found["count_distinct"]
    for name, share in _QUARTILES.items():
        one: Any = expected.get(name)
        other: Any = found.get(name)
        if leaf is None or name not in expected or repr(one) == repr(other):
            continue
        if isinstance(leaf.kind, StringType):
            # Of texts the worker publishes none.
            expected[name] = None
        elif type(one) is type(other) and (
            math.isclose(one, other, rel_tol=_SAME_DIGITS)
            or (
                math.isfinite(other) and ranks_near(frame.select(leaf.raw.alias("v")), other, share)
            )
        ):
            expected[name] = other


def _are_accurate(
    frame: DataFrame, leaf: Leaf | None, stock: str | None, worker: str | None
) -> bool:
    """Return whether both describe outliers, each as accurately as Spark's documentation says."""
    if leaf is None or stock == worker or not outliers.same_but_for_numbers(stock, worker):
        return stock == worker
    return all(outliers.is_accurate(frame, leaf, one) for one in (stock, worker) if one)


def _of_values(what: str, expected: Any, found: Any, tolerance: float = 0.0) -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key in dict.fromkeys([*expected, *found]):
            missing = "nothing"
            yield from _of_values(
                f"{what}, {key}", expected.get(key, missing), found.get(key, missing), tolerance
            )
    elif not _near(str(_told(expected)), str(_told(found)), tolerance):
        yield f"{what}: stock has {_told(expected)}, the worker {_told(found)}"


def _near(one: str, other: str, tolerance: float) -> bool:
    """Tell whether two texts differ in nothing but their numbers, and those by hardly anything."""
    numbers = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=False)
    return one == other or (
        _NUMBER.split(one) == _NUMBER.split(other)
        and all(math.isclose(float(a), float(b), rel_tol=tolerance) for a, b in numbers)
    )


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [_told(one) for one in value]
    if isinstance(value, float) and math.isnan(value):
        return "float nan"
    return f"{type(value).__name__} {value!r}"


def _unordered(value: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(value.get("allowed"), list):
        return {**value, "allowed": sorted(value["allowed"])}
    return value


def all_options(options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return every option of the profiler, as DQX has it or as `options` say."""
    return {**DEFAULT_PROFILE_OPTIONS, **WHOLE, **(options or {})}
