"""The list of events is the one that the code has."""

import json
import logging
import os
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from worker.telemetry.events import Event
from worker.telemetry.logs import LogFormat, configure_logs, get_logger


def test_the_document_lists_exactly_the_events_of_the_code() -> None:
    text = (Path(__file__).parents[2] / "docs" / "events.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z_.]+)` \|", text, re.MULTILINE) == [
        event.value for event in Event
    ]


def test_every_event_is_used() -> None:
    package = Path(str(resources.files("worker")))
    code = "".join(
        path.read_text("utf-8") for path in package.rglob("*.py") if path.name != "events.py"
    )
    assert [event.name for event in Event if f"Event.{event.name}" not in code] == []


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
