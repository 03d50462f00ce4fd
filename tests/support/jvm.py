"""Settings of Java with which a Spark starts sooner: tests start many."""

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from worker.spark.engine_kind import EngineKind
from worker.spark.installed_extra import installed_engine

__all__ = ["ARCHIVES", "OPTIONS", "sooner"]

ROOT = Path(__file__).parents[2]
ARCHIVES = ".pytest_cache/spark"
"""Where a checkout keeps the classes."""
# A client compiler alone starts sooner, and threads that collect garbage only cost. It has little
# room for its code by default, and a thread that searches it for what can go.
OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m"
_TIMEOUT = 120.0


def sooner() -> dict[str, str]:
    """Return the variables of an environment in which a Spark starts sooner.

    Half of a start is reading and verifying the classes of Spark. The JVM keeps those that one
    start has loaded in a file, and refuses a file that is not of its own version and class path.
    """
    if installed_engine() is not EngineKind.LOCAL:
        return {}
    variables = {"JDK_JAVA_OPTIONS": OPTIONS}
    java = _java()
    if java and (archive := _archive(java)).stat().st_size:
        variables["SPARK_SUBMIT_OPTS"] = f'"-XX:SharedArchiveFile={archive}"'
    return variables


def _java() -> Path | None:
    """Return the Java of the tests, if it can keep classes: the wheel's can't."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    java = Path(found).resolve() if found else None
    return java if java and (java.parents[1] / "lib/server/classes.jsa").exists() else None


@cache
def _archive(java: Path) -> Path:
    """Return the file of classes, which is made once for each checkout, Java and place of Spark.

    It is empty while another process makes it, and for good where it could not be made: then
    Spark starts as it always does.
    """
    spark = find_spec("pyspark")
    of = f"{java} {java.stat().st_mtime} {version('pyspark')} {spark and spark.origin}"
    key = hashlib.sha256(of.encode()).hexdigest()[:16]
    archive = ROOT / ARCHIVES / f"{key}.jsa"
    archive.parent.mkdir(parents=True, exist_ok=True)
    try:
        archive.touch(exist_ok=False)
    except FileExistsError:
        return archive
    made = archive.with_suffix(".new")
    try:
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [sys.executable, "-m", "tests.support.spark_archive"],
                cwd=ROOT,
                env=os.environ
                | {
                    "JDK_JAVA_OPTIONS": OPTIONS,
                    "SPARK_SUBMIT_OPTS": f'"-XX:ArchiveClassesAtExit={made}"',
                },
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
    except BaseException:
        # Somebody broke it off: the next one makes it.
        archive.unlink()
        raise
    if made.exists():
        made.replace(archive)
    return archive
