"""The fewest checks that catch the most."""

from dataclasses import replace

import pytest

from tests.unit.suggestions.rows import NOT_NULL, RANGE
from tests.unit.suggestions.test_apply_judgement import drafts_of, proposal
from worker.counting.check import Check
from worker.judging.catches import Caught
from worker.suggestions.choice import gains, over_limit, superfluous
from worker.suggestions.draft import Draft

_ERRORS = 8


def _draft(name: str, column: str, bits: int | None, *, finding: bool = False) -> Draft:
    check = replace(RANGE, arguments={"column": column, "min_limit": 0, "max_limit": len(name)})
    caught = None if bits is None else Caught(bits, _ERRORS)
    (draft,) = drafts_of([proposal(check, column, caught=caught, finding=finding)]).drafts
    return replace(draft, id=name)


def _ids(drafts: list[Draft]) -> list[str]:
    return [one.id for one in drafts]


def test_the_gain_is_what_those_that_catch_more_do_not() -> None:
    drafts = [
        _draft("some", "a", 0b0011),
        _draft("most", "a", 0b1110),
        _draft("other column", "b", 0b0011),
        _draft("unknown", "a", None),
    ]

    found = gains(drafts)

    assert found["most"] == 3 / _ERRORS
    assert found["some"] == 1 / _ERRORS
    assert found["other column"] == 2 / _ERRORS
    assert 0 < found["unknown"] < 1


def test_checks_of_other_rows_of_a_column_do_not_catch_for_each_other() -> None:
    all_rows, few = _draft("all", "a", 0b11), _draft("few", "a", 0b11)
    few = replace(few, check=replace(few.check, filter="b = 1"))

    assert superfluous([all_rows, few]) == []
    assert _ids(superfluous([all_rows, replace(few, check=all_rows.check)])) == ["few"]


def test_what_catches_nothing_of_its_own_is_superfluous_unless_it_is_a_finding() -> None:
    drafts = [
        _draft("less", "a", 0b0110),
        _draft("more", "a", 0b1110),
        _draft("finding", "a", 0b0010, finding=True),
        _draft("unknown", "a", None),
    ]

    assert _ids(superfluous(drafts)) == ["less"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_beyond_the_limit_goes_what_catches_least(limit: int) -> None:
    drafts = [
        _draft("b: little", "b", 0b0001),
        _draft("a: most", "a", 0b1111),
        _draft("a: more", "a", 0b110000),
        _draft("c: finding", "c", 0b0000, finding=True),
    ]
    order = ["c: finding", "a: most", "a: more", "b: little"]

    assert _ids(over_limit(drafts, limit)) == order[limit:]


def test_if_nothing_is_counted_the_columns_take_turns() -> None:
    checks = [NOT_NULL, Check("is_unique", {"columns": ["a"]}, "a is_unique", "error")]
    drafts = [
        replace(_draft(f"{column}{at}", column, None), check=check)
        for column in "ab"
        for at, check in enumerate(checks)
    ]

    assert _ids(over_limit(drafts, 2)) == ["a1", "b1"]
