"""The engine `local`: a Spark of our own, in a JVM that this process starts."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from worker.spark import errors
from worker.spark.child_processes import kill_children
from worker.spark.class_archive import archive_options
from worker.spark.engine import Engine
from worker.spark.engine_kind import EngineKind
from worker.spark.find_java import java_home
from worker.spark.installed_extra import refuse_clashing_extras
from worker.spark.jvm_output import RollingOutput
from worker.spark.options import SparkOptions
from worker.spark.py4j import remember_functions
from worker.tables.read_files import read_files
from worker.tables.source import Source
from worker.tables.table_types import CatalogTable, FileTable, Table
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["LocalEngine"]

log = get_logger(__name__)

# In vain, one after the other, before the process has to be replaced.
_STARTS = 3
# An idle JVM returns heap that it does not use: `make bench-worker` prints what is left. Another
# collector than G1 ignores the interval, which is in milliseconds. A concurrent collection would
# leave what is used scattered, and return less.
_JAVA_OPTIONS = (
    "-XX:G1PeriodicGCInterval=10000",
    "-XX:-G1PeriodicGCInvokesConcurrent",
    "-XX:MinHeapFreeRatio=5",
    "-XX:MaxHeapFreeRatio=15",
    # Return the memory of its compilers, too. A Java before 17.0.9 lacks this option.
    "-XX:+IgnoreUnrecognizedVMOptions",
    "-XX:TrimNativeHeapInterval=10000",
)
_ARENAS = "2"
"""Places from which threads of the JVM get memory outside of its heap, and which it never frees."""


class LocalEngine(Engine):
    """Owns the JVM, its session and a scratch folder; what the JVM prints goes to files there."""

    def __init__(self, options: SparkOptions) -> None:
        super().__init__()
        self._options = options
        self._scratch = tempfile.TemporaryDirectory(prefix="dqx-worker-")
        self._jvm: subprocess.Popen[bytes] | None = None

    @property
    def broken(self) -> bool:
        """Whether no JVM could be started, several times in a row."""
        return self._failures >= _STARTS

    @property
    def owns_jvm(self) -> bool:
        """Whether the session's JVM is the engine's own: yes. It is killed when it is replaced."""
        return True

    def stop(self) -> None:
        """Close the session, end the JVM and remove the scratch folder."""
        super().stop()
        if self._jvm is None:
            # One that is being started: pyspark names it only when it listens.
            kill_children(self._scratch.name)
        self._end_jvm()
        self._scratch.cleanup()

    def read(self, table: Table) -> Source:
        """Return the table, unread. Raises Spark's errors; `TableError` for an own type."""
        match table:
            case CatalogTable():
                return Source(self.session.table(table.quoted))
            case FileTable():
                return read_files(self.session, table, Path(self._scratch.name))

    def example(self, rows: "DataFrame") -> "DataFrame":
        """Return the rows out of a file, as tables are here."""
        path = str(Path(self._scratch.name) / "example.parquet")
        rows.write.mode("overwrite").parquet(path)
        return self.session.read.parquet(path)

    def load(self) -> None:
        """Import pyspark and its bridge to Java."""
        refuse_clashing_extras()
        try:
            import pyspark.java_gateway
            import pyspark.sql  # noqa: F401
        except ImportError as error:
            raise errors.no_pyspark(EngineKind.LOCAL) from error

    def _make(self, stopped: threading.Event) -> "SparkSession":  # noqa: ARG002
        """Start a JVM, make its session and warm it; no start can be broken off."""
        began = time.monotonic()
        scratch = Path(self._scratch.name)
        self.load()
        from py4j.protocol import Py4JError
        from pyspark import SparkConf, SparkContext
        from pyspark.errors import PySparkRuntimeError
        from pyspark.java_gateway import launch_gateway
        from pyspark.sql import SparkSession

        self._end_jvm()
        home = java_home(scratch)
        # Spark's launcher and its Python workers read these and take no other way.
        os.environ["JAVA_HOME"] = str(home)
        os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        os.environ.setdefault("MALLOC_ARENA_MAX", _ARENAS)
        conf = SparkConf(loadDefaults=False)
        conf.setAll(self._settings(scratch))
        output = RollingOutput(scratch / "jvm.log")
        try:
            with closing(output):
                gateway = launch_gateway(  # type: ignore[no-untyped-call]
                    conf, {"stdout": output.writing, "stderr": output.writing}
                )
            self._jvm = gateway.proc
            session = SparkSession(SparkContext(gateway=gateway, conf=conf))
            remember_functions(session)
            session.range(1).count()
        except (PySparkRuntimeError, Py4JError, OSError) as error:
            raise errors.spark_did_not_start(home, output.last_words() or error) from error
        log.info(
            Event.ENGINE_READY,
            engine="local",
            spark=session.version,
            java=str(home),
            seconds=round(time.monotonic() - began, 1),
        )
        return session

    def _ask(self, session: "SparkSession") -> None:
        super()._ask(session)
        # A JVM may outlive its context, which has met an error that it could not go on after.
        if session.sparkContext._jsc.sc().isStopped():  # noqa: SLF001
            raise ConnectionError("the context is stopped")

    def _close(self, session: "SparkSession") -> None:
        if self._jvm is not None and self._jvm.poll() is None:
            with suppress(Exception):
                session.stop()

    def _discard(self, session: "SparkSession") -> None:
        """Do nothing: it went with its JVM, and its stop would end the new one's."""

    def _end_jvm(self) -> None:
        """End the JVM, if there is one, and have pyspark forget it: it keeps one a process."""
        jvm, self._jvm = self._jvm, None
        if jvm is None:
            return
        from pyspark import SparkContext

        jvm.kill()
        jvm.wait()
        if jvm.stdin is not None:
            jvm.stdin.close()
        # pyspark has no public way to use a second JVM (4.3, core/context.py).
        context, gateway = SparkContext._active_spark_context, SparkContext._gateway  # noqa: SLF001
        SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001
        if context is not None:
            # Or its stop would ask the JVM for it.
            context._jsc = None  # noqa: SLF001
            context.stop()
        if gateway is not None:
            # It tells the JVM to shut down, which is gone.
            with suppress(Exception):
                gateway.shutdown()

    def _settings(self, scratch: Path) -> list[tuple[str, str]]:
        return [
            ("spark.master", "local[*]"),
            ("spark.app.name", "dqx-worker"),
            ("spark.driver.bindAddress", "127.0.0.1"),
            ("spark.driver.host", "127.0.0.1"),
            ("spark.driver.memory", self._options.spark_memory),
            ("spark.driver.extraJavaOptions", " ".join([*_JAVA_OPTIONS, *archive_options()])),
            ("spark.local.dir", str(scratch)),
            # Its ports ask for a secret, which a Spark in local mode makes up itself: one that is
            # passed on the command line could be read by everyone on the machine.
            ("spark.authenticate", "true"),
            ("spark.scheduler.mode", "FAIR"),
            ("spark.sql.session.timeZone", "UTC"),
            # Names that differ in case only are those of two columns, not an error.
            ("spark.sql.caseSensitive", "true"),
            # A name such as csv.`/etc/passwd` is no table.
            ("spark.sql.runSQLOnFiles", "false"),
            # Spark refuses files with such timestamps, which are pandas' own.
            ("spark.sql.legacy.parquet.nanosAsLong", "true"),
            # For its messages, pyspark would tell the JVM of each call where it comes from.
            ("spark.python.sql.dataFrameDebugging.enabled", "false"),
            ("spark.sql.dataFrameQueryContext.enabled", "false"),
            # Spark compiles code for a table up to so wide; of one twice as wide as its default it
            # pays, of one of a thousand columns it does not.
            ("spark.sql.codegen.maxFields", "210"),
            # Samples are small: more partitions only cost.
            ("spark.sql.shuffle.partitions", "4"),
            ("spark.sql.warehouse.dir", str(scratch / "warehouse")),
            ("spark.ui.enabled", "false"),
            ("spark.ui.showConsoleProgress", "false"),
        ]
