"""Where the time of the tests goes, by folder, file and fixture: a plugin of pytest.

`make test-times` prints it. Wall time is what a phase of a test or a fixture takes. CPU time is
what the process and all its descendants use meanwhile: waiting costs wall time alone.
"""

import os
import time
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = [
    "Spent",
    "pytest_fixture_setup",
    "pytest_runtest_call",
    "pytest_runtest_logreport",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "pytest_runtest_teardown",
    "pytest_terminal_summary",
]

_ROWS = 30
_PROPERTY = "time spent"

Measured = tuple[str, str, float, float]


@dataclass(slots=True)
class Spent:
    """How often something ran, and its seconds of wall and CPU time."""

    times: int = 0
    wall: float = 0.0
    cpu: float = 0.0

    def add(self, wall: float, cpu: float) -> None:
        """Count once more, with these seconds."""
        self.times += 1
        self.wall += wall
        self.cpu += cpu


# What this process measured since its last report; and, where the reports arrive, all of it.
_measured: list[Measured] = []
_spent: dict[str, dict[str, Spent]] = defaultdict(lambda: defaultdict(Spent))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Measure the first phase of a test."""
    with _measuring("test", item.nodeid):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Measure the second phase of a test."""
    with _measuring("test", item.nodeid):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Measure the third phase of a test."""
    with _measuring("test", item.nodeid):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Measure a fixture, without those that it names as arguments."""
    # A parameter of a test is one without a place.
    if not fixturedef.baseid:
        return (yield)
    with _measuring("fixture", f"{fixturedef.argname} ({request.scope}) in {fixturedef.baseid}"):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send along what was measured: the processes of xdist share nothing else."""
    report = yield
    report.user_properties.append((_PROPERTY, list(_measured)))
    _measured.clear()
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what a report brings."""
    for name, value in report.user_properties:
        if name == _PROPERTY:
            for kind, subject, wall, cpu in value:  # type: ignore[attr-defined]
                if kind == "fixture":
                    _spent["fixture"][subject].add(wall, cpu)
                else:
                    path = subject.partition("::")[0]
                    _spent["folder"]["/".join(path.split("/")[:2])].add(wall, cpu)
                    _spent["file"][path].add(wall, cpu)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables, what costs most CPU first."""
    for kind in ("folder", "file", "fixture"):
        terminalreporter.section(f"time by {kind}: seconds, phases")
        for line in _table(_spent[kind]):
            terminalreporter.write_line(line)


def _table(rows: Mapping[str, Spent]) -> list[str]:
    def line(name: str, spent: Spent) -> str:
        return f"{spent.wall:8.1f} wall {spent.cpu:8.1f} cpu {spent.times:6}  {name}"

    whole = Spent(
        sum(spent.times for spent in rows.values()),
        sum(spent.wall for spent in rows.values()),
        sum(spent.cpu for spent in rows.values()),
    )
    longest = sorted(rows.items(), key=lambda row: -row[1].cpu)[:_ROWS]
    return [*(line(name, spent) for name, spent in longest), line("all", whole)]


@contextmanager
def _measuring(kind: str, subject: str) -> Generator[None]:
    wall, cpu = time.monotonic(), _cpu()
    try:
        yield
    finally:
        _measured.append((kind, subject, time.monotonic() - wall, _cpu() - cpu))


def _cpu() -> float:
    """Return the CPU seconds of this process, its descendants and those that it has waited for.

    Where there is no /proc, descendants count when they have ended.
    """
    own = os.times()
    used = own.user + own.system + own.children_user + own.children_system
    return used + sum(map(_used_by, _descendants("self")))


def _descendants(process: str) -> Iterator[str]:
    for thread in Path("/proc", process, "task").glob("*/children"):
        with suppress(OSError):
            for child in thread.read_text().split():
                yield child
                yield from _descendants(child)


def _used_by(process: str) -> float:
    try:
        # The name, in parentheses, may hold anything.
        fields = Path("/proc", process, "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
