"""The list of guards fits the code; `make test-guards` removes them."""

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.guards.copy import Copy
from tests.guards.guard import ROOT, Guard, load_guards
from tests.guards.trial import End, run_tests

GUARD: dict[str, Any] = {
    "protects": "a lease that has not expired is not taken",
    "file": "worker/queue/sql/take_expired.sql",
    "text": "  AND ($4 OR expires_at <= clock_timestamp())",
    "test": "tests/queue/test_rescue.py::test_an_expired_lease_is_taken_by_one_worker",
}


def test_every_guard_is_in_the_code_once_and_has_a_test() -> None:
    guards = load_guards()
    assert sum(map(len, guards.values())) >= 40
    assert {"queue", "attempt", "database"} <= guards.keys()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": "a text that is nowhere"}, "has the text 0 times"),
        ({"text": "e"}, "times, not once"),
        ({"file": "worker/nowhere.py"}, "has the text 0 times"),
        ({"instead": GUARD["text"]}, "nothing is taken away"),
        ({"test": "tests/queue/test_rescue.py::test_of_nothing"}, "there is no test"),
        ({"test": "tests/queue/test_nowhere.py::test_of_nothing"}, "there is no test"),
        ({"test": "tests/queue"}, "is not the node id of a test"),
        ({"because": "of something"}, "Extra inputs"),
    ],
)
def test_a_guard_that_does_not_fit_the_code_is_refused(
    changes: dict[str, str], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        Guard(**(GUARD | changes))


def test_two_guards_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "queue.yaml"
    path.write_text(yaml.safe_dump([GUARD, GUARD]))
    with pytest.raises(ValueError, match="two guards have one name"):
        load_guards([path])


def test_a_guard_is_put_back_whatever_happens(tmp_path: Path) -> None:
    guard = Guard(**GUARD)
    whole = (ROOT / guard.file).read_text()
    file = tmp_path / guard.file
    file.parent.mkdir(parents=True)
    file.write_text(whole)
    without = Copy(tmp_path).without(guard)
    without.__enter__()
    assert file.read_text() == whole.replace(guard.text, "")
    assert not without.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert file.read_text() == whole


@pytest.mark.parametrize(
    ("test", "end"),
    [
        ("def test_it(): raise OSError", End.FAILED),
        ("def test_it(no_such_fixture): assert False", End.BROKEN),
    ],
)
def test_a_test_that_can_not_be_run_has_not_failed(tmp_path: Path, test: str, end: End) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "test_it.py").write_text(test)
    assert run_tests(Copy(tmp_path), ["test_it.py"], stop_at_first=True).end is end
