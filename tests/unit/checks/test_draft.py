from dataclasses import replace

import pytest

from tests.unit.checks.rows import NOT_NULL, RANGE, drafts_of
from worker.checks.options import CheckOptions
from worker.profiling.check import Check

LIST = Check("is_in_list", {"column": "price", "allowed": [1, 5, 12]}, "list", "error")


@pytest.mark.parametrize(
    ("check", "rejects"),
    [
        (RANGE, True),
        (replace(RANGE, arguments={"column": "price", "min_limit": 1, "max_limit": 12}), False),
        (replace(RANGE, arguments={"column": "price", "min_limit": 1.5, "max_limit": 12}), True),
        (Check("is_not_less_than", {"column": "price", "limit": 2}, "r", "error"), True),
        (Check("is_not_less_than", {"column": "price", "limit": 1}, "r", "error"), False),
        (Check("is_not_greater_than", {"column": "price", "limit": 11}, "r", "error"), True),
        (Check("is_not_greater_than", {"column": "price", "limit": 12}, "r", "error"), False),
        (replace(NOT_NULL, name="r"), False),
    ],
)
def test_a_range_that_rejects_listed_values_is_left_out(check: Check, rejects: bool) -> None:
    found = drafts_of(LIST, check)

    names = ["list"] if rejects else ["list", "r"]
    assert [draft.check.name for draft in found.drafts] == names
    reason = {"r": "it rejects values that are in the list for its column"}
    assert found.held_back == (reason if rejects else {})
    both = drafts_of(LIST, check, options=CheckOptions(contradictions=True))
    assert len(both.drafts) == 2


def test_a_list_that_is_left_out_rejects_no_range() -> None:
    options = CheckOptions(leave_out=frozenset({"is_in_list"}))
    found = drafts_of(LIST, RANGE, options=options)

    assert [draft.check.name for draft in found.drafts] == ["r"]


def test_functions_are_left_out() -> None:
    found = drafts_of(LIST, NOT_NULL, options=CheckOptions(leave_out=frozenset({"is_in_list"})))

    assert [draft.check.name for draft in found.drafts] == ["id_is_null"]
    assert found.held_back == {"list": "its function is left out"}


def test_the_criticality_of_all_of_them_is_chosen() -> None:
    found = drafts_of(RANGE, NOT_NULL, options=CheckOptions(criticality="warn"))

    assert [draft.check.criticality for draft in found.drafts] == ["warn", "warn"]
