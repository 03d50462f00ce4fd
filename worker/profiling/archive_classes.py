"""`python -m worker.profiling.archive_classes`: make the archive of Spark's classes.

Run it once after an installation, as a user who may write to the folder of pyspark. It starts a
Spark, warms it as a worker does, and has its JVM end by itself. The JVM then writes the classes
that it has loaded to the archive. It exits with 1 if there is no archive in the end.
"""

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from worker.profiling.options import ProfilingOptions
from worker.profiling.warm_up import warm_up
from worker.spark.class_archive import archive_path
from worker.spark.engine_kind import EngineKind
from worker.spark.engines.local import LocalEngine
from worker.spark.find_java import java_home
from worker.workspace.clients import offline_client

__all__ = ["main"]


def main() -> int:
    """Make the archive, or replace it; return the exit code."""
    # DQX logs a line for each rule.
    logging.disable(logging.INFO)
    archive = archive_path()
    made = archive.with_suffix(".new")
    made.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        _share_own_classes(java_home(Path(scratch)) / "bin" / "java")
    os.environ["SPARK_SUBMIT_OPTS"] = f'"-XX:ArchiveClassesAtExit={made}"'
    _start_and_end()
    if not made.exists():
        print(f"Java has made no archive at {archive}.", file=sys.stderr)
        return 1
    made.replace(archive)
    print(archive)
    return 0


def _share_own_classes(java: Path) -> None:
    """Make the archive of the classes that Java brings, which is the base of the other one."""
    shared = subprocess.run([java, "-Xshare:on", "-version"], capture_output=True, check=False)
    if shared.returncode:
        subprocess.run([java, "-Xshare:dump"], capture_output=True, check=False)


def _start_and_end() -> None:
    """Start a Spark, warm it, and wait until its JVM has ended by itself."""
    options = ProfilingOptions(engine=EngineKind.LOCAL)
    engine = LocalEngine(options)
    try:
        engine.start()
        from pyspark import SparkContext

        from worker.profiling.dqx import Dqx

        warm_up(engine, Dqx(offline_client(), engine), options)
        gateway: Any = SparkContext._gateway  # noqa: SLF001
        # A JVM that the engine stops is killed, and writes nothing. It ends with its input.
        gateway.proc.stdin.close()
        gateway.proc.wait()
    finally:
        engine.stop()


if __name__ == "__main__":
    sys.exit(main())
