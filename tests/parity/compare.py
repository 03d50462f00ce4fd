"""Stock DQX and the worker on the same rows with the same options, difference by difference.

Values are equal if their types and their `repr` are; any NaN equals any other. The list of an
`is_in` has the order of a collect in stock DQX: it compares as a set.
"""

import math
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.sdk import WorkspaceClient
from pyspark.sql import DataFrame, SparkSession

from worker.profiling.counting.column import CountedTable
from worker.profiling.counting.rows import count_rows
from worker.profiling.counting.spark import count_frame
from worker.profiling.counting.stand_in import UnknownCall
from worker.profiling.engines.bridge import java_text
from worker.profiling.engines.session import is_remote, kind_of
from worker.profiling.engines.texts import spark_text
from worker.profiling.fast import decide
from worker.profiling.fetch import fetch
from worker.profiling.options import ProfilerChoice
from worker.profiling.spark_errors import column_reason
from worker.profiling.stock import profile_frame
from worker.profiling.verified import how_to_count
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
_JAVA_INT_MAX, _MOST_BYTES = 50_000, 1_000_000_000
_NUMBER = re.compile(r"-?\d+\.\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a profiler says of a table."""

    statistics: Mapping[str, Mapping[str, Any]]
    profiles: Sequence[DQProfile]
    failed: Mapping[str, str]
    """The columns that it raises on, and what is told of that."""


def compare(
    frame: DataFrame, options: Mapping[str, Any] | None = None
) -> tuple[list[str], str | None]:
    """Return every difference, and why the worker would leave the table to stock DQX; else None."""
    try:
        found = of_worker(frame, options)
    except UnknownCall as left:
        return [], str(left)
    return list(differences(of_stock(frame, options), found)), None


def compare_whole(
    frame: DataFrame, options: Mapping[str, Any] | None = None, *, tolerance: float = 0.0
) -> list[str]:
    """Return every difference where Spark counts all rows for the worker.

    Numbers in floating point may differ by a `tolerance` of their size. Raises `UnknownCall`.
    """
    return list(differences(of_stock(frame, options), of_spark(frame, options), tolerance))


def of_stock(frame: DataFrame, options: Mapping[str, Any] | None = None) -> Outcome:
    """Profile with stock DQX; each column on its own where it raises."""
    session = frame.sparkSession
    statistics, profiles, failed = profile_frame(
        profiler_of(session), kind_of(session), frame, all_options(options), threading.Event()
    )
    return Outcome(statistics, profiles, {name: str(reason) for name, reason in failed.items()})


def of_worker(frame: DataFrame, options: Mapping[str, Any] | None = None) -> Outcome:
    """Profile as the worker does. Raises `UnknownCall` where it would leave that to stock DQX."""
    session = frame.sparkSession
    counted = how_to_count(ProfilerChoice.AUTO, frame.sparkSession.version, frame.schema.fields)
    for reason in (counted.stock_because, *counted.stock_columns.values()):
        if reason is not None:
            raise UnknownCall(reason)
    every = all_options(options)
    fetched = fetch(DQProfiler._sample(frame, every), _JAVA_INT_MAX, _MOST_BYTES).rows
    assert fetched is not None
    table = count_rows(
        fetched,
        frame.schema.fields,
        partial(spark_text if is_remote(session) else java_text, session),
        trim=bool(every["trim_strings"]),
    )
    return _decided(session, table, every)


def of_spark(frame: DataFrame, options: Mapping[str, Any] | None = None) -> Outcome:
    """Profile as the worker does a whole table. Raises `UnknownCall`."""
    every = all_options(options)
    table = count_frame(frame, frame.schema.fields, every, lambda: None)
    return _decided(frame.sparkSession, table, every)


def _decided(session: SparkSession, table: CountedTable, every: dict[str, Any]) -> Outcome:
    statistics, profiles, failed, left = decide(profiler_of(session), table, every, lambda: None)
    for call in left.values():
        raise UnknownCall(call)
    return Outcome(
        statistics, profiles, {name: str(column_reason(error)) for name, error in failed.items()}
    )


def profiler_of(session: SparkSession) -> DQProfiler:
    """Return stock DQX's profiler, which asks no workspace anything."""
    return DQProfiler(cast("WorkspaceClient", OfflineWorkspace()), session)


def differences(stock: Outcome, worker: Outcome, tolerance: float = 0.0) -> Iterator[str]:
    """Yield a sentence for each difference."""
    for kind in ("failed", "statistics"):
        expected, found = getattr(stock, kind), getattr(worker, kind)
        for column in dict.fromkeys([*expected, *found]):
            yield from _of_values(
                f"{kind} of {column}", expected.get(column), found.get(column), tolerance
            )
    expected_profiles = [(one.column, one.name) for one in stock.profiles]
    found_profiles = [(one.column, one.name) for one in worker.profiles]
    if expected_profiles != found_profiles:
        for whose, these, those in (
            ("stock", expected_profiles, found_profiles),
            ("the worker", found_profiles, expected_profiles),
        ):
            yield f"profiles that only {whose} has: {[one for one in these if one not in those]}"
        return
    for one, other in zip(stock.profiles, worker.profiles, strict=True):
        for attribute in one.__dataclass_fields__:
            yield from _of_values(
                f"{attribute} of {one.name} of {one.column}",
                getattr(_unordered(one), attribute),
                getattr(_unordered(other), attribute),
                tolerance,
            )


def _of_values(what: str, expected: Any, found: Any, tolerance: float) -> Iterator[str]:
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


def _unordered(profile: DQProfile) -> DQProfile:
    if profile.name != "is_in" or not profile.parameters:
        return profile
    return replace(profile, parameters={"in": sorted(profile.parameters["in"])})


def all_options(options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return every option of the profiler, as DQX has it or as `options` say."""
    return {**DEFAULT_PROFILE_OPTIONS, **WHOLE, **(options or {})}
