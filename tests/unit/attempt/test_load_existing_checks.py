"""How far the texts of stored rows are read for one table."""

from typing import Any

from worker.attempt import load_existing_checks
from worker.attempt.load_existing_checks import _batches, _usable
from worker.checks.implementation_cache import Allowance
from worker.counting.check import Check

CHECK = Check("is_not_null", {"column": "id"}, "n", "error")


def row(id_: str, hash_: bytes | None, size: int = 10, **more: Any) -> dict[str, Any]:
    return {"id": id_, "hash": hash_, "size": size, "type": "custom", "engine": "DQX"} | more


def test_a_text_in_many_rows_counts_for_each(monkeypatch: Any) -> None:
    monkeypatch.setattr(load_existing_checks, "MAX_CHECKS", 5)
    rows = [row(str(number), b"often") for number in range(3)] + [row("4", b"once")]
    usable, unread = _usable(rows, {b"often": [CHECK] * 2, b"once": [CHECK]})
    assert (list(usable), unread) == ([b"once"], 3)


def test_each_text_is_asked_for_once_as_far_as_the_allowance_goes(monkeypatch: Any) -> None:
    monkeypatch.setattr(load_existing_checks, "_BATCH", 20)
    rows = [
        row("known", b"known"),
        row("waits", b"w", status="pending", asked_for="earlier"),
        row("own", b"o", status="pending", asked_for="own"),
        row("another engine", b"e", engine="soda"),
        row("too long", None),
        *(row(str(number), b"%d" % number) for number in range(5)),
        row("again", b"0"),
    ]
    batches = list(_batches(rows, {b"known": []}, Allowance(characters=50)))
    assert batches == [["own", "0"], ["1", "2"], ["3"]]
