"""The short suites, run by the Python of an environment."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.versions.uv import CACHE, ROOT

__all__ = ["ON_PACKAGES", "ON_POSTGRES", "Outcome", "run_suite"]

ON_PACKAGES = (
    "tests/unit",
    "tests/credentials/test_clients.py",
    "tests/credentials/test_sdk_errors.py",
    "tests/database/test_pool.py",
    "tests/queue/test_claim.py",
    "tests/backend/suggestions/test_decided.py",
    "tests/round_trip/test_round_trip.py",
    "tests/round_trip/test_schemas.py",
    # On Spark: profiles beside stock DQX's, and all that the demo suggests, read back by DQX.
    "tests/profiling/test_profiler.py::test_the_profile_is_that_of_stock_dqx_with_the_same_options",
    "tests/parity/test_every_type.py",
    "tests/process/test_read_back.py",
    # Spark 4.1 leaves sockets open, and other releases have warnings of their own.
    "-Wdefault",
)
ON_POSTGRES = (
    *("tests/database", "tests/queue", "tests/backend/suggestions", "tests/backend/contracts"),
    # `make test-protocol` is for it.
    "--ignore=tests/queue/protocol",
)
_TIMEOUT = 900.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a suite."""

    passed: int
    failed: Sequence[str]
    """The names of the tests that failed, or what kept the suite from running."""
    seconds: float

    def __str__(self) -> str:
        if not self.failed:
            return f"all {self.passed:,} passed"
        names = ", ".join(self.failed[:5]) + (", …" if len(self.failed) > 5 else "")
        return f"{len(self.failed)} failed, {self.passed:,} passed: {names}"


def run_suite(
    python: Path, tests: Sequence[str], log: str, environment: Mapping[str, str] | None = None
) -> Outcome:
    """Run tests and return what became of them; what pytest prints is in `log` of the cache."""
    began = time.monotonic()
    file = CACHE / "logs" / f"{log}.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, file.open("w") as output:
        report = Path(folder) / "report.xml"
        command = [str(python), "-m", "pytest", "-q", f"--junitxml={report}", *tests]
        try:
            subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                stdout=output,
                stderr=output,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Outcome(0, [f"not done after {_TIMEOUT:.0f} s"], _TIMEOUT)
        seconds = time.monotonic() - began
        if not report.exists():
            return Outcome(0, ["pytest did not start"], seconds)
        return _outcome(report, seconds)


def _outcome(report: Path, seconds: float) -> Outcome:
    failed: dict[str, None] = {}
    passed = 0
    # pytest wrote it.
    for case in ET.parse(report).iter("testcase"):  # noqa: S314
        kinds = {part.tag for part in case}
        if kinds & {"failure", "error"}:
            failed[case.get("name", "")] = None
        elif "skipped" not in kinds:
            passed += 1
    return Outcome(passed, list(failed), seconds)
