"""The archive of Spark's classes, with which a JVM starts in half the time.

Most of Spark's start is to read and verify twenty thousand classes. Java can map those of an
earlier start from a file instead ("class data sharing"). It ignores a file of another Java or of
other jars. `python -m worker.profiling.archive_classes` makes the file.
"""

import os
from pathlib import Path

__all__ = ["archive_options", "archive_path"]

_OWN_CHOICE = ("SharedArchiveFile", "ArchiveClassesAtExit", "-Xshare")
"""Java's options in `SPARK_SUBMIT_OPTS` that choose another archive, or none."""

_IN_PLACE = ("-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0")
"""Map the file at the address that it was made for, if that is free.

Anywhere else Java rewrites most of its pages at the start, which several workers then can't share.
"""


def archive_path() -> Path:
    """Return the place of the archive: beside the jars, so that it is removed with them."""
    import pyspark

    return Path(pyspark.__file__).with_name("dqx-worker.jsa")


def archive_options() -> list[str]:
    """Return the options of a JVM that is to use the archive; none if there is no archive."""
    chosen = os.environ.get("SPARK_SUBMIT_OPTS", "")
    archive = archive_path()
    if any(one in chosen for one in _OWN_CHOICE) or not archive.exists():
        return []
    return [f'"-XX:SharedArchiveFile={archive}"', *_IN_PLACE]
