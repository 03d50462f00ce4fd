"""Has Spark and DQX do once what the first table would wait for."""

import threading
from typing import TYPE_CHECKING

from worker.profiling.options import ProfilingOptions
from worker.profiling.results import Trial
from worker.sampling.options import ProfilerChoice
from worker.sampling.sample import sample_of
from worker.spark.engine import Engine
from worker.spark.error_conditions import condition
from worker.tables.table_types import CatalogTable
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from worker.profiling.dqx import Dqx

__all__ = ["warm_up"]

log = get_logger(__name__)

_ROWS = 200
_COLUMNS = (
    "id",
    "cast(id AS INT) AS number",
    "cast(id AS DECIMAL(10, 2)) AS amount",
    "cast(id AS DOUBLE) / 7 AS share",
    "cast(id AS FLOAT) AS size",
    "concat('name ', id) AS name",
    "cast(id AS STRING) AS code",
    "date_add(DATE'2020-01-01', cast(id AS INT)) AS day",
    "timestamp_seconds(id) AS moment",
    "id % 2 = 0 AS mark",
)
_TABLE = CatalogTable(("rows of the warm-up",))


def warm_up(engine: Engine, dqx: "Dqx", options: ProfilingOptions) -> None:
    """Profile rows of every usual type, made on the spot. Blocks.

    What goes wrong with them costs time later, and nothing else.
    """
    try:
        # Stock DQX does the same things anew for each column.
        columns = _COLUMNS[:1] if options.profiler is ProfilerChoice.STOCK else _COLUMNS
        frame = engine.example(engine.session.range(_ROWS).selectExpr(*columns))
        sample = sample_of(engine, _TABLE, frame, options)
        found = dqx.profile(sample, threading.Event()).candidates
        # Imports DQX.
        from worker.profiling.evidence import gather_evidence

        gather_evidence(
            sample, [Trial(one.column, one.check) for one in found], options.sample_bytes
        )
        sample.release()
    # Spark raises a class for each condition, and Java's own errors beside them.
    except Exception as error:  # noqa: BLE001
        log.warning(Event.WARM_UP_FAILED, error=condition(error))
