"""The one place that calls DQX: a sample in, statistics and candidate checks out.

Importing this module imports DQX, which takes seconds: do it in a thread.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from databricks.labs.dqx.profiler.generator import DQGenerator
from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.sdk import WorkspaceClient
from pyspark.sql.types import IntegralType, StructType, TimestampNTZType

from worker.counting.arrow.count_table import count_rows
from worker.counting.spark.count_table import count_frame
from worker.counting.spark.float_texts import float_texts
from worker.profiling.decide_by_counts import COUNT_NAN, Statistics, decide
from worker.profiling.normalize_rule import UnknownShape, normalize_rule
from worker.profiling.own_names import candidate_of_table
from worker.profiling.results import Candidate, TableProfile
from worker.profiling.stock_dqx import Profiled, profile_frame
from worker.sampling import stock_errors
from worker.sampling.options import ProfilerChoice
from worker.sampling.sample import Sample, in_spark
from worker.sampling.sample_facts import Counted, Counting
from worker.spark.engine import Engine
from worker.spark.error_conditions import column_reason
from worker.tables.column_paths import path_of, quoted
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Dqx"]

log = get_logger(__name__)


class Dqx:
    """DQX's profiles and the checks that its generator makes of them."""

    def __init__(
        self, client: WorkspaceClient, engine: Engine, choice: ProfilerChoice = ProfilerChoice.AUTO
    ) -> None:
        self._engine = engine
        self._choice = choice
        self._profiler = DQProfiler(client, engine.session)
        self._generator = DQGenerator(client, engine.session)

    def profile(self, sample: Sample, stopped: threading.Event) -> TableProfile:
        """Profile every column that DQX can; blocks while Spark works.

        Raises `InterruptedError` or what Spark raises once `stopped` is set, and `TableError`
        if only stock DQX could count the table and that is switched off.
        """
        names = sample.names
        counted, (statistics, profiles, failed) = self._count(sample, stopped)
        if counted.stock_because is not None:
            log.warning(Event.TABLE_BY_STOCK, table=str(sample.table), reason=counted.stock_because)
        for column, reason in counted.stock_columns.items():
            log.warning(Event.COLUMN_BY_STOCK, column=column, reason=reason)
        skipped = {
            **sample.skipped_columns,
            **{names.top_level(name): reason for name, reason in failed.items()},
        }
        for column, reason in skipped.items():
            log.warning(Event.COLUMN_SKIPPED, column=column, reason=reason)
        return TableProfile(
            table=str(sample.table),
            columns=sample.columns,
            sample=sample.facts,
            counted=counted,
            statistics={names.in_table(path): one for path, one in statistics.items()},
            profiles=len(profiles),
            candidates=tuple(self._candidates(sample, profiles, statistics)),
            skipped_columns=skipped,
            file=sample.file,
        )

    def _count(self, sample: Sample, stopped: threading.Event) -> tuple[Counted, Profiled]:
        """Count what the worker counts itself, and have stock DQX profile the rest."""

        def check() -> None:
            if stopped.is_set():
                raise InterruptedError

        names, counted = sample.names, sample.counted
        options = _options(sample)
        if counted.by is Counting.STOCK:
            return counted, self._stock(sample, sample.frame, options, stopped)
        odd = {names.in_frame(path_of([one])): why for one, why in counted.stock_columns.items()}
        fields = [one for one in sample.frame.schema.fields if one.name not in odd]
        if sample.rows is None:
            table = count_frame(sample.frame, fields, options, check)
        else:
            trim = bool(options["trim_strings"])
            texts = partial(float_texts, self._engine.session)
            table = count_rows(sample.rows, fields, texts, trim=trim)
        check()
        statistics, profiles, raised, left = decide(self._profiler, table, options, check)
        failed = {name: _reason(error) for name, error in raised.items()}
        if left and self._choice is ProfilerChoice.FAST:
            raise stock_errors.stock_is_off(stock_errors.unknown_call(next(iter(left.values()))))
        odd |= {name: stock_errors.unknown_call(call) for name, call in left.items()}
        if len(odd) == len(sample.frame.columns):
            counted = Counted(Counting.STOCK, next(iter(odd.values()), None))
        else:
            stock_columns = {names.top_level(name): reason for name, reason in odd.items()}
            counted = replace(counted, stock_columns=stock_columns)
        for frame in _with_columns(sample, list(odd)):
            of_stock = self._stock(sample, frame, options, stopped)
            statistics |= of_stock[0]
            profiles = _in_order([*profiles, *of_stock[1]], sample.frame.columns)
            failed |= of_stock[2]
        return counted, (statistics, profiles, failed)

    def _stock(
        self,
        sample: Sample,
        frame: "DataFrame",
        options: dict[str, Any],
        stopped: threading.Event,
    ) -> Profiled:
        """Have stock DQX profile the sample's rows in `frame`."""
        statistics, profiles, failed = profile_frame(
            self._profiler,
            self._engine.kind,
            frame,
            # The rows are those of the filter, which has the columns' own names.
            options | {"filter": None},
            stopped,
            # A whole table may be larger than the machine.
            keep=sample.facts.limit is not None and sample.kept is None,
            readable=sample.rows is not None,
        )
        filter_ = options["filter"]
        return statistics, [replace(one, filter=filter_) for one in profiles], failed

    def _candidates(
        self, sample: Sample, profiles: Iterable[DQProfile], statistics: Statistics
    ) -> Iterable[Candidate]:
        """Make each profile's check on its own: a bad one costs no other its check."""
        names = sample.names
        zoneless = {
            leaf.name
            for leaf in DQProfiler.get_columns_or_fields(sample.frame.schema.fields)
            if isinstance(leaf.dataType, TimestampNTZType)
        }
        for profile in profiles:
            try:
                checks = [
                    normalize_rule(raw) for raw in self._generator.generate_dq_rules([profile])
                ]
            # The generator raises a bare AssertionError if its check is not valid.
            except (UnknownShape, AssertionError, ArithmeticError, TypeError, ValueError) as error:
                log.warning(
                    Event.CHECK_DROPPED,
                    column=names.in_table(profile.column),
                    profile=profile.name,
                    reason=type(error).__name__,
                )
                continue
            for check in checks:
                found = Candidate(
                    check,
                    profile.name,
                    profile.column,
                    profile.description,
                    nans=statistics.get(profile.column, {}).get(COUNT_NAN, 0),
                    zoneless=profile.column in zoneless,
                    redrawn=_redrawn(sample, statistics.get(profile.column, {})),
                )
                yield candidate_of_table(found, names)


def _reason(error: Exception) -> str:
    reason = column_reason(error)
    if reason is None:
        # An error of the engine: no column is at fault.
        raise error
    return reason


def _redrawn(sample: Sample, metrics: Mapping[str, Any]) -> bool:
    """Return whether a column was counted on other rows than the sample's.

    Rows that are neither fetched nor kept are drawn at each read, and the table may have grown.
    """
    counted = metrics.get("count")
    if sample.facts.whole or not isinstance(counted, int):
        return False
    return counted != sample.facts.rows


def _with_columns(sample: Sample, columns: Sequence[str]) -> "Iterable[DataFrame]":
    """Return the sample's rows in Spark with these columns, apart if they were fetched."""
    held = [] if sample.rows is None else sample.rows.column_names
    fetched = [quoted(one) for one in columns if one in held]
    others = [quoted(one) for one in columns if one not in held]
    if fetched:
        yield in_spark(sample).select(*fetched)
    if others:
        yield sample.frame.select(*others)


def _in_order(profiles: Iterable[DQProfile], columns: Sequence[str]) -> list[DQProfile]:
    """Return profiles in the order of the frame's columns, whose names have no dots."""
    places = {name: place for place, name in enumerate(columns)}
    return sorted(profiles, key=lambda one: places[one.column.split(".")[0]])


def _options(sample: Sample) -> dict[str, Any]:
    """Return all options with which DQX profiles a sample that is drawn already."""
    fields = sample.frame.schema.fields
    chosen = {
        name: [sample.names.in_frame(one) for one in value] if isinstance(value, list) else value
        for name, value in sample.chosen.of_builders.items()
    }
    options: dict[str, Any] = {
        **DEFAULT_PROFILE_OPTIONS,
        **chosen,
        "sample_fraction": None,
        "limit": None,
        # On by default in DQX 0.17: sends the table's metadata to a language model.
        "llm_primary_key_detection": False,
    }
    structs = any(isinstance(field.dataType, StructType) for field in fields)
    if structs and not options["outlier_columns"]:
        # With no list DQX caps every column at three sigma and raises on a nested whole number,
        # which Spark's summary leaves out. The list of all others means the same for them.
        leaves = DQProfiler.get_columns_or_fields(list(fields))
        others = [one.name for one in leaves if not isinstance(one.dataType, IntegralType)]
        options["outlier_columns"] = list(dict.fromkeys([field.name for field in fields] + others))
    return options
