"""The step 'engine': start Spark as the worker does."""

import os
import re
from datetime import timedelta

from worker.doctor.errors import spark as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult, StepSkipped
from worker.doctor.thread_with_deadline import in_thread
from worker.spark.engine import Engine
from worker.spark.engine_choice import make_engine
from worker.spark.error_conditions import condition
from worker.tables.errors import EngineError

__all__ = ["check_engine"]

_START = timedelta(seconds=120)
_STOP = timedelta(seconds=20)
_FOREIGN = ("SPARK_HOME", "SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS", "JAVA_TOOL_OPTIONS")
# What Spark and Java say of a heap.
_TOO_SMALL = re.compile(
    r"must be at least \d+|Too small|OutOfMemoryError|too small for|GC triggered before VM"
)
_TOO_LARGE = re.compile(
    r"Could not reserve enough space|insufficient memory|Cannot allocate memory"
)


async def check_engine(setup: Setup) -> StepResult:
    """Start the engine, which stays for later steps and is stopped at the end."""
    if not setup.with_engine:
        raise StepSkipped("left out, as --no-engine says")
    options = setup.options.profiling
    try:
        engine = make_engine(options)
    except OSError as error:
        raise StepFailed(errors.no_temporary_folder(error.strerror or error)) from error
    setup.closing.push_async_callback(_stop, engine)
    late = errors.engine_silent(f"{_START.total_seconds():g}")
    try:
        await in_thread(engine.start, _START, late)
    except EngineError as error:
        raise StepFailed(error, _why(str(error), options.spark_memory)) from error
    # What Java raises while Spark starts comes as it is.
    except Exception as error:
        hints = _why(str(error), options.spark_memory)
        raise StepFailed(errors.engine_broke(condition(error)), hints) from error
    setup.engine.give(engine)
    spark = engine.session.version
    return StepResult(
        f"{options.engine}, Spark {spark}", {"engine": options.engine, "spark": spark}
    )


async def _stop(engine: Engine) -> None:
    try:
        await in_thread(engine.stop, _STOP, TimeoutError())
    # It is not what anybody asked about, and the process ends.
    except Exception:  # noqa: BLE001
        return


def _why(said: str, memory: str) -> list[str]:
    if foreign := [name for name in _FOREIGN if os.environ.get(name)]:
        return [hint(errors.foreign_spark(", ".join(foreign)))]
    if _TOO_SMALL.search(said):
        return [hint(errors.heap_too_small(memory))]
    if _TOO_LARGE.search(said):
        return [hint(errors.heap_too_large(memory))]
    return []
