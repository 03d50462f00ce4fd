"""No two suggestions for a column contradict each other."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.suggestions.rows import (
    NOT_NULL,
    RANGE,
    WHOLE,
    decision,
    drafts_of,
    known_of,
    names_of,
)
from worker.checks.stored_checks import KnownRow
from worker.counting.check import Check
from worker.suggestions.decisions import When
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.options import CheckOptions
from worker.suggestions.suggest import Suggestions, suggest
from worker.suggestions.suggest_again import Tried

WIDE: dict[str, Any] = {"column": "price", "min_limit": 1, "max_limit": 12}
LIST = Check("is_in_list", {"column": "price", "allowed": [1, 5, 12]}, "list", "error")
TEXTS = replace(LIST, arguments={"column": "price", "allowed": ["''", "'a'", "'  '"]})
REASON = "it rejects values that are in the list for its column"


def suggested(
    *checks: Check, known: ExistingChecks | None = None, options: CheckOptions | None = None
) -> Suggestions:
    options = options or CheckOptions()
    found = drafts_of(*checks, options=options)
    return suggest(found.drafts, Tried(), WHOLE, known or ExistingChecks(), options=options)


def not_empty(function: str = "is_not_null_and_not_empty", *, trim: bool = True) -> Check:
    return Check(function, {"column": "price", "trim_strings": trim}, "r", "error")


@pytest.mark.parametrize(
    ("listed", "check", "rejects"),
    [
        (LIST, RANGE, True),
        (LIST, replace(RANGE, arguments=WIDE), False),
        (LIST, replace(RANGE, arguments=WIDE | {"min_limit": 1.5}), True),
        (LIST, Check("is_not_less_than", {"column": "price", "limit": 2}, "r", "error"), True),
        (LIST, Check("is_not_less_than", {"column": "price", "limit": 1}, "r", "error"), False),
        (LIST, Check("is_not_greater_than", {"column": "price", "limit": 11}, "r", "error"), True),
        (LIST, Check("is_not_greater_than", {"column": "price", "limit": 12}, "r", "error"), False),
        # A bound of a measure is none of the values.
        (LIST, Check("is_area_not_less_than", {"column": "price", "value": 2}, "r", "warn"), False),
        (LIST, replace(NOT_NULL, name="r"), False),
        (LIST, not_empty(), False),
        # What is no number is in no range.
        (TEXTS, RANGE, False),
        (replace(LIST, arguments={"column": "price", "allowed": [True, False]}), RANGE, False),
        (TEXTS, not_empty(), True),
        (TEXTS, not_empty("is_not_empty", trim=False), True),
        (replace(TEXTS, arguments={"column": "price", "allowed": ["'  '"]}), not_empty(), True),
        (
            replace(TEXTS, arguments={"column": "price", "allowed": ["'  '"]}),
            not_empty(trim=False),
            False,
        ),
        (replace(TEXTS, arguments={"column": "price", "allowed": ["'a'"]}), not_empty(), False),
    ],
)
def test_what_rejects_listed_values_is_left_out(listed: Check, check: Check, rejects: bool) -> None:
    found = suggested(listed, check)

    assert names_of(found.rows) == (["list"] if rejects else ["list", "r"])
    assert found.held_back == ({"r": REASON} if rejects else {})
    assert len(suggested(listed, check, options=CheckOptions(contradictions=True)).rows) == 2


def test_a_list_that_is_left_out_rejects_no_range() -> None:
    found = suggested(LIST, RANGE, options=CheckOptions(leave_out=("is_in_list",)))

    assert names_of(found.rows) == ["r"]


@pytest.mark.parametrize(
    ("status", "held_back"),
    [
        ("rejected", {"list": "it was rejected before"}),
        ("accepted", {"r": REASON}),
    ],
)
def test_a_list_counts_unless_people_rejected_it(status: str, held_back: dict[str, str]) -> None:
    (row,) = suggested(LIST).rows
    text = KnownRow(type="custom", engine="dqx", implementation=row.implementation)
    known = known_of(decisions=[decision("1", status, When.EARLIER, text)])

    assert suggested(LIST, RANGE, known=known).held_back == held_back


def test_filters_that_differ_in_the_case_of_a_text_are_not_the_same() -> None:
    lower, upper = (replace(one, filter=f"r = '{two}'") for one, two in ((LIST, "a"), (RANGE, "A")))

    assert suggested(lower, upper).held_back == {}
    assert suggested(lower, replace(upper, filter=lower.filter)).held_back == {"r": REASON}


def test_a_list_that_the_contract_has_counts_for_rules_of_its_column_and_filter() -> None:
    (row,) = suggested(LIST).rows
    text = KnownRow(type="custom", engine="dqx", implementation=row.implementation)
    known = known_of([text])

    assert suggested(RANGE, known=known).held_back == {"r": REASON}
    assert len(suggested(replace(RANGE, filter="id > 1"), known=known).rows) == 1
