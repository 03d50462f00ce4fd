"""Tests run in a copy of the repository, each in a process of its own, and how they ended."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.guards.copy import Copy

__all__ = ["End", "Trial", "run_tests"]

# Seconds for one test, and for a process beyond that of its tests.
_TEST = 60
_PROCESS = 60
_STOP = 20

_PASSED, _FAILED = 0, 1
# They change which tests there are.
_OF_OTHER_TARGETS = ("LONG", "EXAMPLES", "SEED", "PYTEST_ADDOPTS")


class End(StrEnum):
    """How tests ended."""

    PASSED = "passed"
    FAILED = "failed"
    """A test itself: its expectation, what it called, or its deadline."""
    BROKEN = "broken"
    """No test failed and not all passed: an error of collection, import or a fixture."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How tests ended, after how long, and the last lines that pytest printed."""

    end: End
    seconds: float
    output: str


def run_tests(copy: Copy, tests: Sequence[str], *, stop_at_first: bool) -> Trial:
    """Run tests by their node ids and return how they ended."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [
            *(str(copy.python), "-m", "pytest", "--quiet", *(["--exitfirst"] * stop_at_first)),
            *("-p", "no:cacheprovider", f"--timeout={_TEST}", "--durations=0"),
            *(f"--basetemp={folder}/tests", f"--junitxml={report}", *tests),
        ]
        code, output = _run(command, copy.folder, _PROCESS + _TEST * len(tests))
        end = End.BROKEN
        if code == _PASSED:
            end = End.PASSED
        # An error is one of a fixture or of the collection.
        elif code == _FAILED and ET.parse(report).find(".//failure") is not None:  # noqa: S314
            end = End.FAILED
    return Trial(end, time.monotonic() - began, output)


def _run(command: Sequence[str], folder: Path, deadline: float) -> tuple[int, str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in _OF_OTHER_TARGETS
    } | {"PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=deadline)
        except subprocess.TimeoutExpired:
            # So that pytest stops the Postgres that it has started.
            process.send_signal(signal.SIGINT)
            try:
                output, _ = process.communicate(timeout=_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                output, _ = process.communicate()
    return process.returncode, output
