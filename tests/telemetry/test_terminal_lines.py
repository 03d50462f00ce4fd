"""On a terminal an event is one line, with short ids; messages are shown whole."""

import io
import logging
import os
import re
import sys
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.support.terminal import ESCAPES, plain_lines, terminal, widest
from worker.telemetry.events import Event
from worker.telemetry.logs import LogFormat, configure_logs, get_logger
from worker.telemetry.run_fields import run_fields

RUN, CONTRACT = str(uuid4()), str(uuid4())
WORKER = "a-host-with-a-long-name-4711-0badcafe"
FIELDS = run_fields(RUN, CONTRACT, 2, "ana@example.com")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture(autouse=True)
def _an_ordinary_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def logged(
    monkeypatch: pytest.MonkeyPatch, columns: int, level: str, event: Event, **fields: object
) -> str:
    """Return what a terminal shows of one event."""
    with terminal(columns) as (reading, stream):
        monkeypatch.setattr(sys, "stderr", stream)
        configure_logs(LogFormat.AUTO, worker=WORKER)
        getattr(get_logger("worker.of.a.test"), level)(event, **fields)
        stream.flush()
        return os.read(reading, 65_536).decode().removesuffix("\r\n")


def test_an_event_is_one_line_of_time_worker_event_ids_and_facts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = logged(monkeypatch, 100, "info", Event.RUN_CLAIMED, **FIELDS, waited_s=0.2)
    (line,) = plain_lines(shown)
    expected = rf"\d\d:\d\d:\d\d 0badcafe run\.claimed +{RUN[:8]}/2 contract={CONTRACT[:8]}"
    assert re.fullmatch(expected + r" waited_s=0\.2", line)


def test_what_there_is_of_a_table_comes_before_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"table": "main.shop." + "o" * 60, "rows": 5, "of_rows": 99, "seconds": 1.5}
    shown = logged(monkeypatch, 100, "info", Event.TABLE_PROFILED, **FIELDS, schema="s", **facts)
    (line,) = plain_lines(shown)
    assert f" {RUN[:8]}/2 s rows=5/99 seconds=1.5 table=main.shop.o" in line


@pytest.mark.parametrize(("columns", "width"), [(60, 60), (80, 80), (100, 100), (200, 100)])
def test_a_line_fits_into_the_terminal_and_into_100_columns(
    monkeypatch: pytest.MonkeyPatch, columns: int, width: int
) -> None:
    shown = logged(
        monkeypatch, columns, "info", Event.RUN_PLANNED, **FIELDS, schemas=["表" * 9] * 20
    )
    (line,) = plain_lines(shown)
    assert line.endswith("…")
    # A sign of two columns may leave the last one empty.
    assert widest(shown) in (width - 1, width)


@pytest.mark.parametrize("level", ["warning", "error"])
def test_the_message_of_a_warning_is_whole_and_continues_on_indented_lines(
    monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    error = "A statement failed: " + " ".join(f"word{number}" for number in range(40))
    shown = logged(
        monkeypatch,
        80,
        level,
        Event.TABLE_FAILED,
        **FIELDS,
        schema="orders",
        table="t",
        error=error,
    )
    first, *more = plain_lines(shown)
    assert f"table.failed   {RUN[:8]}/2 orders table=t A statement" in first
    assert len(more) > 1
    assert all(line.startswith(" " * 9) for line in more)
    assert " ".join([first, *(line.strip() for line in more)]).endswith(error)
    assert widest(shown) <= 80


def test_a_short_message_is_on_the_line_of_its_event(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = logged(monkeypatch, 100, "warning", Event.DATABASE_UNAVAILABLE, error="it is down")
    (line,) = plain_lines(shown)
    assert line.endswith("database.unavailable it is down")


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_switched_off(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    assert ESCAPES.search(logged(monkeypatch, 100, "error", Event.WORKER_BROKEN, error="x"))
    monkeypatch.setenv(variable, value)
    assert not ESCAPES.search(logged(monkeypatch, 100, "error", Event.WORKER_BROKEN, error="x"))


def test_the_record_of_a_library_is_named_by_its_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(80) as (reading, stream):
        monkeypatch.setattr(sys, "stderr", stream)
        configure_logs(LogFormat.AUTO, worker=WORKER)
        logging.getLogger("a.library").warning("words " * 30)
        stream.flush()
        shown = os.read(reading, 65_536).decode().removesuffix("\r\n")
    assert "0badcafe a.library " in plain_lines(shown)[0]
    assert shown.count("words") == 30
    assert widest(shown) <= 80


def test_a_file_gets_whole_lines_of_100_columns_without_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    configure_logs(LogFormat.CONSOLE, worker=WORKER)
    get_logger("worker.of.a.test").info(Event.RUN_PLANNED, **FIELDS, schemas=["s" * 30] * 9)
    assert isinstance(sys.stderr, io.StringIO)
    shown = sys.stderr.getvalue().removesuffix("\n")
    assert not ESCAPES.search(shown)
    assert widest(shown) == 100
