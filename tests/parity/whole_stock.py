"""Compares what the stock profiler makes of a frame with what comes of counting it whole."""

import math
import re
from dataclasses import dataclass, field
from typing import Any

from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS
from databricks.labs.dqx.profiler.profiler import DQProfiler
from pyspark.sql import DataFrame

from worker.profiling.counting.spark import count_frame
from worker.profiling.fast import decide
from worker.workspace.clients import dqx_client
from worker.workspace.options import WorkspaceOptions

__all__ = ["Found", "every_option", "stock", "whole"]

_NUMBER = re.compile(r"-?\d+\.\d+(?:[eE][+-]?\d+)?")


@dataclass
class Found:
    """Statistics, profiles, and the type of what was raised by column; types are told apart."""

    statistics: dict[str, Any] = field(default_factory=dict)
    profiles: list[Any] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, statistics: dict[str, Any], profiles: list[DQProfile]) -> None:
        self.statistics |= {name: _typed(metrics) for name, metrics in statistics.items()}
        for one in profiles:
            parameters = dict(one.parameters or {})
            if one.name == "is_in":
                # DQX has them as Spark hands them out, in any order.
                parameters["in"] = sorted(parameters["in"])
            self.profiles.append(
                (one.name, one.column, one.description, _typed(parameters), one.filter)
            )

    def resembles(self, other: "Found") -> bool:
        """Tell whether only floating-point numbers differ, by less than one in 10^12."""
        return _resemble(vars(self), vars(other))


def every_option(**options: Any) -> dict[str, Any]:
    drawn_already = {"sample_fraction": None, "limit": None, "llm_primary_key_detection": False}
    return {**DEFAULT_PROFILE_OPTIONS, **drawn_already, **options}


def stock(frame: DataFrame, **options: Any) -> Found:
    """All columns at once, or where that raises each on its own."""
    profiler = _profiler(frame)
    found = Found()
    try:
        found.add(*profiler.profile(frame, options=every_option(**options)))
    # DQX raises what it meets.
    except Exception:  # noqa: BLE001
        found = Found()
        for name in frame.columns:
            try:
                found.add(*profiler.profile(frame.select(name), options=every_option(**options)))
            except Exception as error:  # noqa: BLE001
                found.failed[name] = type(error).__name__
    return found


def whole(frame: DataFrame, **options: Any) -> Found:
    every = every_option(**options)
    profiler = _profiler(frame)
    table = count_frame(frame, frame.schema.fields, every, lambda: None)
    statistics, profiles, failed = decide(profiler, table, every, lambda: None)
    found = Found(failed={name: type(error).__name__ for name, error in failed.items()})
    found.add(statistics, profiles)
    return found


def _profiler(frame: DataFrame) -> DQProfiler:
    return DQProfiler(dqx_client(WorkspaceOptions()), frame.sparkSession)


def _typed(value: Any) -> Any:
    match value:
        case dict():
            return {key: _typed(one) for key, one in value.items()}
        case list() | tuple():
            return [_typed(one) for one in value]
    return type(value).__name__, repr(value)


def _resemble(one: Any, other: Any) -> bool:
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(
                _resemble(one[key], other[key]) for key in one
            )
        case (list(), list()) | (tuple(), tuple()):
            return len(one) == len(other) and all(map(_resemble, one, other))
        case str(), str():
            numbers = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=False)
            return _NUMBER.split(one) == _NUMBER.split(other) and all(
                math.isclose(float(a), float(b), rel_tol=1e-12) for a, b in numbers
            )
    return bool(one == other)
