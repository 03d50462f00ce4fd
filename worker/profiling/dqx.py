"""The one place that calls DQX: a sample in, statistics and candidate checks out.

Importing this module imports DQX, which takes seconds: do it in a thread.
"""

import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from databricks.labs.dqx.profiler.generator import DQGenerator
from databricks.labs.dqx.profiler.profile import DQProfile
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.sdk import WorkspaceClient
from pyspark.sql.types import StructField, StructType

from worker.profiling.engines.engine import Engine
from worker.profiling.fitness import without_unfit_columns
from worker.profiling.profile import Candidate, TableProfile
from worker.profiling.sample import Sample
from worker.profiling.shapes import UnknownShape, as_check
from worker.profiling.spark_errors import column_reason
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Dqx"]

log = get_logger(__name__)

Statistics = dict[str, dict[str, Any]]


class Dqx:
    """DQX's own profiler and generator, over a sample that is drawn already."""

    def __init__(self, client: WorkspaceClient, engine: Engine) -> None:
        self._profiler = DQProfiler(client, engine.session)
        self._generator = DQGenerator(client, engine.session)

    def profile(self, sample: Sample, stopped: threading.Event) -> TableProfile:
        """Profile every column that DQX can; blocks while Spark works.

        Once `stopped` is set, the first error is the last: it is Spark's answer to an interruption.
        """
        frame, skipped = without_unfit_columns(sample.frame)
        fields = frame.schema.fields
        statistics, profiles, failed = self._profile_columns(
            frame, fields, _options(fields), stopped
        )
        skipped |= failed
        for column, reason in skipped.items():
            log.warning(Event.COLUMN_SKIPPED, column=column, reason=reason)
        return TableProfile(
            table=str(sample.table),
            columns=len(sample.frame.columns),
            sample=sample.facts,
            statistics=statistics,
            profiles=len(profiles),
            candidates=tuple(self._candidates(profiles)),
            skipped_columns=skipped,
        )

    def _profile_columns(
        self,
        frame: "DataFrame",
        fields: Sequence[StructField],
        options: dict[str, Any],
        stopped: threading.Event,
    ) -> tuple[Statistics, list[DQProfile], dict[str, str]]:
        """Profile all columns at once; where that raises, each on its own."""
        if not fields:
            return {}, [], {}
        try:
            statistics, profiles = self._profile(frame, fields, options)
        # DQX raises what it meets: Spark's errors, TypeError, ValueError, ArithmeticError.
        except Exception as error:
            reason = column_reason(error)
            if stopped.is_set() or reason is None:
                raise
            if len(fields) == 1:
                return {}, [], {fields[0].name: reason}
            merged: tuple[Statistics, list[DQProfile], dict[str, str]] = ({}, [], {})
            for field in fields:
                one = self._profile_columns(frame, [field], options, stopped)
                merged[0].update(one[0])
                merged[1].extend(one[1])
                merged[2].update(one[2])
            return merged
        return statistics, profiles, {}

    def _profile(
        self, frame: "DataFrame", fields: Sequence[StructField], options: dict[str, Any]
    ) -> tuple[Statistics, list[DQProfile]]:
        profiled: tuple[Statistics, list[DQProfile]] = self._profiler.profile(
            frame, columns=[field.name for field in fields], options=options
        )
        return profiled

    def _candidates(self, profiles: Iterable[DQProfile]) -> Iterable[Candidate]:
        """Make each profile's check on its own: a bad one costs no other its check."""
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
                yield Candidate(check, profile.name, profile.column, profile.description)


def _options(fields: Sequence[StructField]) -> dict[str, Any]:
    """Return the options with which DQX profiles a sample that is drawn already."""
    options: dict[str, Any] = {
        "sample_fraction": None,
        "limit": None,
        # On by default in DQX 0.17: sends the table's metadata to a language model.
        "llm_primary_key_detection": False,
    }
    if any(isinstance(field.dataType, StructType) for field in fields):
        # With no list DQX caps every column at three sigma and raises on a nested number, which
        # Spark's summary leaves out. The list of all top-level columns means the same for them.
        options["outlier_columns"] = [field.name for field in fields]
    return options
