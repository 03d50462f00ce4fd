"""JSON in pieces is the JSON of Python's own module."""

import json
import threading
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.progress.test_summary_limit import done
from worker.progress import json_pieces
from worker.progress.json_pieces import encoded, encoded_within, lazy_object, size
from worker.progress.summary import assemble

NAMES = st.text('ab"\\ü\n', max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=3)
FEW = settings(max_examples=50)


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@FEW
@given(OBJECTS, st.none() | st.integers(0, 2))
def test_what_is_read_and_written_in_pieces_is_the_same(
    value: dict[str, Any], indent: int | None
) -> None:
    lazy = lazy_object(json.dumps(value, indent=indent))
    assert encoded(lazy) == encoded(value) == compact(value)
    assert size(lazy) == len(compact(value).encode())


@FEW
@given(OBJECTS, st.integers(-2, 2))
def test_a_text_is_written_as_far_as_a_limit_allows(value: dict[str, Any], more: int) -> None:
    limit = len(compact(value).encode()) + more
    assert encoded_within(value, limit) == (compact(value) if more >= 0 else None)


@pytest.mark.parametrize("text", ["", "[]", "7", "{", '{"a"', '{"a":', '{"a":1', "{a:1}", '{"a":{'])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Unterminated|Expecting"):
        lazy_object(text)


def test_no_call_keeps_the_interpreter_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call of `json` gets one entry of a wide table, and not the table."""
    longest = 0

    def scan(text: str, place: int) -> tuple[Any, int]:
        nonlocal longest
        value, end = json.JSONDecoder().raw_decode(text, place)
        longest = max(longest, end - place)
        return value, end

    record = done("wide", 2_000, held_back=2_000)
    monkeypatch.setattr(json_pieces, "_read", scan)
    assert len(assemble([record], 50_000)) > 40_000
    assert 100 < longest < 1_000


def test_other_threads_run_while_the_largest_summaries_are_made() -> None:
    records = [done(f"t{number}", 2_000) for number in range(10)]
    gaps: list[float] = []
    made = threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not made.wait(0.001):
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    ticking = threading.Thread(target=tick)
    ticking.start()
    assemble(records, 50_000)
    made.set()
    ticking.join()
    # Typically 10 ms; to decode all of it in one call takes longer than this for each table.
    assert len(gaps) > 10
    assert sorted(gaps)[len(gaps) // 2] < 0.05
