"""The list of events is the one that the code has."""

import ast
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import pytest

from tests.support.events_page import COMMON, described_events, wrong_lines
from worker.telemetry.events import Event
from worker.telemetry.logs import LogFormat, configure_logs, get_logger
from worker.telemetry.run_fields import run_fields


def test_the_document_lists_exactly_the_events_of_the_code() -> None:
    assert list(described_events()) == [event.value for event in Event]


PACKAGE = Path(str(resources.files("worker")))
LEVELS = ("debug", "info", "warning", "error", "exception")
MERGED = {"run", "contract", "attempt", "triggered_by", "schema", "exc_info"}


@dataclass(frozen=True, slots=True)
class Logged:
    """A call that logs an event: its level, the fields that it names, and whether it has others."""

    event: str
    level: str
    fields: frozenset[str]
    more: bool

    def __str__(self) -> str:
        return self.event


def logged_events() -> Iterator[Logged]:
    """Yield every call in the code that logs an event."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name("log"), attr=level),
                    args=[ast.Attribute(value=ast.Name("Event"), attr=name)],
                ) if level in LEVELS:
                    names = [one.arg for one in node.keywords]
                    yield Logged(
                        Event[name],
                        "error" if level == "exception" else level,
                        frozenset(one for one in names if one is not None),
                        None in names,
                    )


CALLS = list(logged_events())


def test_every_event_is_logged() -> None:
    assert {call.event for call in CALLS} == set(Event)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_logs_the_fields_of_the_page(call: Logged) -> None:
    page = described_events()[call.event]
    assert call.level in page.levels
    assert call.fields <= page.fields | page.optional | MERGED
    assert page.fields <= call.fields or call.more


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"event": "run.began"}, "run.began is not on the page"),
        ({"color": "red"}, "run.claimed has color, which the page does not describe"),
        ({"waited_s": ...}, "run.claimed lacks waited_s"),
        ({"contract": ...}, "run.claimed lacks contract"),
        ({"worker": ...}, "run.claimed lacks worker"),
        ({"level": "error"}, "run.claimed has the level error"),
        ({"schema": "orders"}, None),
        ({"logger": "py4j", "event": "anything"}, None),
    ],
)
def test_a_line_is_compared_with_the_page(
    tmp_path: Path, change: dict[str, object], sentence: str | None
) -> None:
    line = {
        **dict.fromkeys(COMMON, "x"),
        **run_fields("r"),
        "logger": "worker.attempt",
        "event": "run.claimed",
        "level": "info",
        "waited_s": 0.1,
    } | change
    kept = {name: value for name, value in line.items() if value is not ...}
    log = tmp_path / "worker.log"
    log.write_text(f'{json.dumps(kept)}\n{{"event": "half a li')
    assert list(wrong_lines(log)) == ([] if sentence is None else [sentence])


@pytest.fixture
def _restored_logs() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers, root.level = before


@pytest.mark.usefixtures("_restored_logs")
def test_an_exception_is_reported_without_locals_and_only_on_demand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "s3cr3t")

    def fail(secret: str) -> None:
        raise ValueError("a plain message")

    for tracebacks in (False, True):
        configure_logs(LogFormat.JSON, tracebacks=tracebacks)
        try:
            fail(os.environ["SECRET"])
        except ValueError as error:
            get_logger("test").error(Event.WORKER_FAILED, error=str(error), exc_info=True)
        line = json.loads(capsys.readouterr().err)
        assert line["event"] == "worker.failed"
        assert line["error"] == "a plain message"
        assert ("exception" in line) is tracebacks
        assert "s3cr3t" not in json.dumps(line)
