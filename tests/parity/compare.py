"""Stock DQX and the worker on the same rows with the same options, difference by difference.

Values are equal if their types and their `repr` are; any NaN equals any other. The list of an
`is_in` has the order of a collect in stock DQX: it compares as a set.
"""

import math
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.sdk import WorkspaceClient
from pyspark.sql import DataFrame, SparkSession

from tests.profiling.conftest import options as profiling_options
from worker.profiling import errors
from worker.profiling.counting.stand_in import UnknownCall
from worker.profiling.dqx import Dqx
from worker.profiling.dqx_options import DqxOptions
from worker.profiling.engines.bridge import java_text
from worker.profiling.engines.engine import Engine
from worker.profiling.engines.session import SessionKind, is_remote, kind_of
from worker.profiling.engines.texts import spark_text
from worker.profiling.fast import Statistics
from worker.profiling.profile import Candidate
from worker.profiling.sample import Sample, sample_of
from worker.profiling.stock import Profiled, profile_frame
from worker.profiling.table import CatalogTable
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
_MOST_ROWS, _MOST_BYTES = 49_999, 1_000_000_000
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
    return _profiled(DQProfiler._sample(frame, all_options(options)), options, _MOST_ROWS)


def of_spark(frame: DataFrame, options: Mapping[str, Any] | None = None) -> Outcome:
    """Profile as the worker does a whole table. Raises `UnknownCall`."""
    return _profiled(frame, options, None)


def _profiled(frame: DataFrame, options: Mapping[str, Any] | None, limit: int | None) -> Outcome:
    """Sample and profile a frame through the worker's own entry."""
    engine = cast("Engine", _Running(frame.sparkSession))
    # Also values that a request may not have.
    chosen = DqxOptions.model_construct(**(dict(options or {})))
    of_builders = DqxOptions.model_construct(**chosen.of_builders)
    settings = profiling_options(
        Path("/"), sample_limit=limit, sample_bytes=_MOST_BYTES, max_columns=30_000
    )
    sample = sample_of(engine, CatalogTable(("t",)), frame, settings, of_builders)
    assert not sample.skipped_columns
    for reason in (sample.counted.stock_because, *sample.counted.stock_columns.values()):
        if reason is not None:
            raise UnknownCall(reason)
    dqx = _WithoutStock(cast("WorkspaceClient", OfflineWorkspace()), engine)
    profile = dqx.profile(sample, threading.Event())
    for call in (profile.counted.stock_because, *profile.counted.stock_columns.values()):
        if call is not None:
            raise UnknownCall(call.removeprefix(errors.unknown_call("")))
    failed = {name: str(reason) for name, reason in profile.skipped_columns.items()}
    return Outcome(profile.statistics, dqx.profiles, failed)


@dataclass
class _Running:
    """The session that a frame is of, as an engine."""

    session: SparkSession

    @property
    def kind(self) -> SessionKind:
        return kind_of(self.session)

    def texts(
        self, doubles: Sequence[float], floats: Sequence[float]
    ) -> tuple[list[str], list[str]]:
        render = spark_text if is_remote(self.session) else java_text
        return render(self.session, doubles, floats)


class _WithoutStock(Dqx):
    """The worker's entry, which raises where it would leave a table to stock DQX."""

    profiles: Sequence[DQProfile] = ()

    def _stock(
        self,
        sample: Sample,
        frame: DataFrame,
        options: dict[str, Any],
        stopped: threading.Event,
    ) -> Profiled:
        # The reason is in what was counted.
        return {}, [], {}

    def _candidates(
        self, sample: Sample, profiles: Iterable[DQProfile], statistics: Statistics
    ) -> Iterable[Candidate]:
        # The generator is DQX's own.
        in_table = sample.names.in_table
        self.profiles = [replace(one, column=in_table(one.column)) for one in profiles]
        return ()


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
