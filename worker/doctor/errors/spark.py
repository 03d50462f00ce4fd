"""Spark and DQX."""

from worker.tables.errors import EngineError
from worker.telemetry.cures import message


@message(cure="name the tables that may be profiled in DQX_WORKER_TABLES, such as `main.sales.*`.")
def any_table(engine: str) -> str:
    """Anyone who edits a contract can have the worker read any table that its identity may read."""
    return f"The engine {engine} and DQX_WORKER_TABLES=* read any table"


@message(
    cure=(
        "see that the machine is not overloaded and has memory left; in a Databricks job look at "
        "its compute; then run this again."
    )
)
def engine_silent(seconds: object) -> EngineError:
    """The Spark session was not there in time."""
    return EngineError(f"Spark did not start within {seconds} s")


@message(
    cure=(
        "look the condition up in Spark's list of error conditions; `dqx-worker --traceback "
        "doctor` shows what else was said."
    )
)
def engine_broke(condition: str) -> EngineError:
    """Java or Spark raised an error while Spark started; the condition is Spark's name for it."""
    return EngineError(f"Spark failed to start: {condition}")


@message(cure="unset them for the worker: it brings its own Spark and settings.")
def foreign_spark(variables: str) -> str:
    """Variables of another Spark on this machine change how the embedded one is started."""
    return f"Set in the environment: {variables}"


@message(
    cure=(
        "give the process a /tmp that it may write to (in Docker `--tmpfs /tmp:exec`), or set "
        "TMPDIR."
    )
)
def no_temporary_folder(reason: object) -> EngineError:
    """Spark and the worker write temporary files, and no folder for them can be written to."""
    return EngineError(f"No temporary folder: {reason}")


@message(cure="raise DQX_WORKER_SPARK_MEMORY: 512m at least, 2g by default.")
def heap_too_small(memory: str) -> str:
    """The Java of the embedded Spark ended because its heap is too small."""
    return f"DQX_WORKER_SPARK_MEMORY={memory} is too small for Spark"


@message(cure="lower DQX_WORKER_SPARK_MEMORY, or give the machine or container more memory.")
def heap_too_large(memory: str) -> str:
    """Java could not allocate the heap of the configured size."""
    return f"DQX_WORKER_SPARK_MEMORY={memory} is more than this machine gives"


@message(
    cure=(
        "install a verified version, with `pip install 'databricks-labs-dqx==…'`; or set "
        "DQX_WORKER_PROFILER=auto, and run this with the engine."
    )
)
def dqx_unverified(version: str, verified: str) -> str:
    """The worker was not tried with the installed version of DQX, and nothing compares the two.

    DQX_WORKER_PROFILER=fast trusts every version, `stock` has no need to, and with --no-engine
    there is no Spark to compare them in. With `auto` the worker compares them at its start.
    """
    return f"DQX {version} is not verified; verified: {verified}"


@message(
    cure=(
        "see that the machine or the cluster is not overloaded, then run this again; or install a "
        "verified version, with `pip install 'databricks-labs-dqx==…'`."
    )
)
def comparison_silent(seconds: object) -> EngineError:
    """Stock DQX and the worker's counts could not be compared in time."""
    return EngineError(f"Comparing DQX with the worker's counts took more than {seconds} s")


@message(
    cure=(
        "install the worker anew, in an environment of its own: `pip install 'dqx-worker[local]'`."
    )
)
def no_dqx(reason: object) -> EngineError:
    """DQX, or a package that it needs, is not installed or can't be loaded."""
    return EngineError(f"DQX can't be loaded: {reason}")
