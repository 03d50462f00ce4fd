"""Stock DQX and the worker on the same rows with the same options, difference by difference.

Values are equal if their types and their `repr` are; any NaN equals any other. The list of an
`is_in` has the order of a collect in stock DQX: it compares as a set.
"""

import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.sdk import WorkspaceClient
from pyspark.sql import DataFrame, SparkSession

from worker.profiling.counting.rows import count_rows
from worker.profiling.counting.stand_in import UnknownCall
from worker.profiling.counting.texts import spark_text
from worker.profiling.engines.session import kind_of
from worker.profiling.fast import decide
from worker.profiling.options import ProfilerChoice
from worker.profiling.spark_errors import column_reason
from worker.profiling.stock import profile_frame
from worker.profiling.verified import how_to_count
from worker.workspace.offline import OfflineWorkspace

__all__ = ["WHOLE", "Outcome", "compare", "differences", "of_stock", "of_worker", "profiler_of"]

WHOLE = {"sample_fraction": None, "limit": None, "llm_primary_key_detection": False}
"""Every row, and no language model."""


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


def of_stock(frame: DataFrame, options: Mapping[str, Any] | None = None) -> Outcome:
    """Profile with stock DQX; each column on its own where it raises."""
    session = frame.sparkSession
    statistics, profiles, failed = profile_frame(
        profiler_of(session), kind_of(session), frame, _all(options), threading.Event()
    )
    return Outcome(statistics, profiles, {name: str(reason) for name, reason in failed.items()})


def of_worker(frame: DataFrame, options: Mapping[str, Any] | None = None) -> Outcome:
    """Profile as the worker does. Raises `UnknownCall` where it would leave that to stock DQX."""
    session = frame.sparkSession
    counted = how_to_count(ProfilerChoice.AUTO, frame.sparkSession.version, frame.schema.fields)
    if counted.stock_because is not None:
        raise UnknownCall(counted.stock_because)
    every = _all(options)
    table = count_rows(
        DQProfiler._sample(frame, every).toArrow(),
        frame.schema.fields,
        lambda doubles, floats: spark_text(session, doubles, floats),
        trim=bool(every["trim_strings"]),
    )
    statistics, profiles, failed = decide(profiler_of(session), table, every, lambda: None)
    return Outcome(
        statistics, profiles, {name: str(column_reason(error)) for name, error in failed.items()}
    )


def profiler_of(session: SparkSession) -> DQProfiler:
    """Return stock DQX's profiler, which asks no workspace anything."""
    return DQProfiler(cast("WorkspaceClient", OfflineWorkspace()), session)


def differences(stock: Outcome, worker: Outcome) -> Iterator[str]:
    """Yield a sentence for each difference."""
    for kind in ("failed", "statistics"):
        expected, found = getattr(stock, kind), getattr(worker, kind)
        for column in dict.fromkeys([*expected, *found]):
            yield from _of_values(f"{kind} of {column}", expected.get(column), found.get(column))
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
            )


def _of_values(what: str, expected: Any, found: Any) -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key in dict.fromkeys([*expected, *found]):
            missing = "nothing"
            yield from _of_values(
                f"{what}, {key}", expected.get(key, missing), found.get(key, missing)
            )
    elif _told(expected) != _told(found):
        yield f"{what}: stock has {_told(expected)}, the worker {_told(found)}"


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


def _all(options: Mapping[str, Any] | None) -> dict[str, Any]:
    return {**DEFAULT_PROFILE_OPTIONS, **WHOLE, **(options or {})}
