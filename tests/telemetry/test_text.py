"""Text of any origin: cut to a limit, and shown so that no terminal obeys it."""

import json
import logging
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.terminal import read_all, terminal
from worker.telemetry.events import Event
from worker.telemetry.logs import LogFormat, configure_logs, get_logger
from worker.telemetry.text import (
    CAUSE_LIMIT,
    MESSAGE_LIMIT,
    bounded,
    escaped_json,
    joined,
    visible,
    visible_lines,
)

ROOT = Path(__file__).parents[2]
# What follows an escape is what a terminal would obey: red, a title, a line, a reversed word.
HOSTILE = "\x1b[31m\x1b]0;t\x07\r\n\x9b2J\x7f\u2028\u202e\u2066\ufeff\udc9b"
SHOWN = r"\x1b[31m\x1b]0;t\x07\r\n\x9b2J\x7f\u2028\u202e\u2066\ufeff\udc9b"  # as a person reads it

COLOUR = re.compile(r"\x1b\[\d*m")

anything = st.text(st.characters(exclude_categories=()), max_size=40)


def obeyed(text: str) -> list[str]:
    """Return the characters of `text` that are no sign to be seen."""
    kinds = {char: unicodedata.category(char) for char in text}
    invisible = ("Cc", "Cs", "Zl", "Zp")
    reordering = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return [
        char
        for char, kind in kinds.items()
        if kind in invisible or unicodedata.bidirectional(char) in reordering
    ]


def test_a_text_is_cut_at_its_limit_and_says_so() -> None:
    assert bounded("x" * 10, 10) == "x" * 10
    assert bounded("x" * 11, 10) == "x" * 9 + "…"


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=100))
def test_every_cause_has_its_place_in_a_message(lengths: list[int]) -> None:
    causes = [f"<{number}>" + "x" * length for number, length in enumerate(lengths)]
    message = joined(causes)
    assert len(message) < MESSAGE_LIMIT
    assert [one for one in causes if one[: one.index(">") + 1] not in message] == []
    if sum(lengths) < MESSAGE_LIMIT / 2:
        assert message == "; ".join(causes)


def test_control_characters_are_shown_as_escapes() -> None:
    assert visible(HOSTILE) == SHOWN
    assert visible_lines("a\nb\x1b") == "a\nb\\x1b"
    assert visible("naïve 表 [/x]") == "naïve 表 [/x]"


@given(anything)
def test_nothing_that_a_terminal_obeys_remains(text: str) -> None:
    assert obeyed(visible(text)) == []
    visible(text).encode()


@given(anything)
def test_json_keeps_its_value(text: str) -> None:
    written = escaped_json(json.dumps({text: [text]}, ensure_ascii=False))
    assert obeyed(written) == []
    assert json.loads(written) == {text: [text]}


def test_the_backends_page_names_the_limits() -> None:
    page = " ".join((ROOT / "docs" / "backend.md").read_text("utf-8").split())
    assert (
        f"`error_message` has at most {MESSAGE_LIMIT:,} characters, and {CAUSE_LIMIT:,} for the "
        "cause of one table; a text that was cut ends in `…`."
    ) in page
    events = " ".join((ROOT / "docs" / "events.md").read_text("utf-8").split())
    assert f"A text has at most {MESSAGE_LIMIT:,} characters" in events


@pytest.fixture
def _restored_logs() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers, root.level = before


def log_hostile_text() -> None:
    log = get_logger("test")
    log.error(Event.TABLE_FAILED, error=HOSTILE, table="spaced " + HOSTILE, schemas=[HOSTILE])
    log.error(Event.RUN_FAILED, error="x" * 1_000_000)
    logging.getLogger("library").error(HOSTILE)
    try:
        raise ValueError("two\nlines " + HOSTILE)
    except ValueError:
        log.exception(Event.RUN_ABANDONED)


@pytest.mark.usefixtures("_restored_logs")
def test_a_log_of_json_has_one_line_an_event_and_keeps_its_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(LogFormat.JSON, tracebacks=True)
    log_hostile_text()
    written = capsys.readouterr().err
    assert obeyed(written.replace("\n", "")) == []
    failed, cut, library, abandoned = map(json.loads, written.splitlines())
    assert (failed["error"], failed["schemas"]) == (HOSTILE, [HOSTILE])
    assert cut["error"] == "x" * (MESSAGE_LIMIT - 1) + "…"
    assert library["event"] == HOSTILE
    assert "two\nlines " in abandoned["exception"]


@pytest.mark.usefixtures("_restored_logs")
def test_a_log_on_a_terminal_moves_no_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    with terminal(100) as (reading, stream):
        monkeypatch.setattr(sys, "stderr", stream)
        configure_logs(LogFormat.AUTO, worker=HOSTILE, tracebacks=True)
        log_hostile_text()
        log = get_logger("test")
        log.error(Event.TABLE_FAILED, error=HOSTILE, table="spaced " + HOSTILE, schemas=[HOSTILE])
        stream.close()
        written = read_all(reading)
    plain = COLOUR.sub("", written)
    assert plain != written
    shown = "".join(line.strip() for line in plain.splitlines())
    facts = f'schemas={SHOWN} table="spaced {SHOWN}" {SHOWN}'
    assert shown.replace(" ", "").endswith(facts.replace(" ", ""))
    assert obeyed(plain.replace("\r\n", "")) == []
