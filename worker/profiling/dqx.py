"""The one place that calls DQX: a sample in, statistics and candidate checks out.

Importing this module imports DQX, which takes seconds: do it in a thread.
"""

import threading
from collections.abc import Iterable, Sequence
from typing import Any

from databricks.labs.dqx.profiler.generator import DQGenerator
from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.sdk import WorkspaceClient
from pyspark.sql.types import IntegralType, StructField, StructType, TimestampNTZType

from worker.profiling import errors
from worker.profiling.counting.rows import count_rows
from worker.profiling.counting.spark import count_frame
from worker.profiling.counting.stand_in import UnknownCall
from worker.profiling.dqx_options import DqxOptions
from worker.profiling.engines.engine import Engine
from worker.profiling.fast import COUNT_NAN, Statistics, decide
from worker.profiling.options import ProfilerChoice
from worker.profiling.profile import Candidate, Counted, Counting, TableProfile
from worker.profiling.sample import Sample, in_spark
from worker.profiling.shapes import UnknownShape, as_check
from worker.profiling.spark_errors import column_reason
from worker.profiling.stock import profile_frame
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

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
        where nobody but stock DQX could count the table and that is switched off.
        """
        options = _options(sample.frame.schema.fields, sample.chosen)
        counted = sample.counted
        try:
            statistics, profiles, failed = self._count(sample, options, stopped)
        except UnknownCall as call:
            if self._choice is ProfilerChoice.FAST:
                raise errors.stock_is_off(errors.unknown_call(str(call))) from call
            counted = Counted(Counting.STOCK, errors.unknown_call(str(call)))
            statistics, profiles, failed = self._stock(sample, options, stopped)
        if counted.stock_because is not None:
            log.warning(Event.TABLE_BY_STOCK, table=str(sample.table), reason=counted.stock_because)
        skipped = {**sample.skipped_columns, **failed}
        for column, reason in skipped.items():
            log.warning(Event.COLUMN_SKIPPED, column=column, reason=reason)
        return TableProfile(
            table=str(sample.table),
            columns=sample.columns,
            sample=sample.facts,
            counted=counted,
            statistics=statistics,
            profiles=len(profiles),
            candidates=tuple(self._candidates(sample, profiles, statistics)),
            skipped_columns=skipped,
            file=sample.file,
        )

    def _count(
        self, sample: Sample, options: dict[str, Any], stopped: threading.Event
    ) -> tuple[Statistics, list[DQProfile], dict[str, str]]:
        def check() -> None:
            if stopped.is_set():
                raise InterruptedError

        fields = sample.frame.schema.fields
        if sample.counted.by is Counting.STOCK:
            return self._stock(sample, options, stopped)
        if sample.rows is None:
            table = count_frame(sample.frame, fields, options, check)
        else:
            trim = bool(options["trim_strings"])
            table = count_rows(sample.rows, fields, self._engine.texts, trim=trim)
        check()
        statistics, profiles, failed = decide(self._profiler, table, options, check)
        return statistics, profiles, {name: _reason(error) for name, error in failed.items()}

    def _stock(
        self, sample: Sample, options: dict[str, Any], stopped: threading.Event
    ) -> tuple[Statistics, list[DQProfile], dict[str, str]]:
        return profile_frame(
            self._profiler,
            self._engine.kind,
            in_spark(sample),
            options,
            stopped,
            # A whole table may be larger than the machine.
            keep=sample.facts.limit is not None and sample.kept is None,
        )

    def _candidates(
        self, sample: Sample, profiles: Iterable[DQProfile], statistics: Statistics
    ) -> Iterable[Candidate]:
        """Make each profile's check on its own: a bad one costs no other its check."""
        zoneless = {
            leaf.name
            for leaf in DQProfiler.get_columns_or_fields(sample.frame.schema.fields)
            if isinstance(leaf.dataType, TimestampNTZType)
        }
        for profile in profiles:
            try:
                checks = [as_check(raw) for raw in self._generator.generate_dq_rules([profile])]
            # The generator raises a bare AssertionError where its check is not valid.
            except (UnknownShape, AssertionError, ArithmeticError, TypeError, ValueError) as error:
                log.warning(
                    Event.CHECK_DROPPED,
                    column=profile.column,
                    profile=profile.name,
                    reason=type(error).__name__,
                )
                continue
            for check in checks:
                yield Candidate(
                    check,
                    profile.name,
                    profile.column,
                    profile.description,
                    nans=statistics.get(profile.column, {}).get(COUNT_NAN, 0),
                    zoneless=profile.column in zoneless,
                )


def _reason(error: Exception) -> str:
    reason = column_reason(error)
    if reason is None:
        # An error of the engine: no column is at fault.
        raise error
    return reason


def _options(fields: Sequence[StructField], chosen: DqxOptions | None = None) -> dict[str, Any]:
    """Return all options with which DQX profiles a sample that is drawn already."""
    options: dict[str, Any] = {
        **DEFAULT_PROFILE_OPTIONS,
        **(chosen or DqxOptions()).of_builders,
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
