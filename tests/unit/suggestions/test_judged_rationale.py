"""A judged suggestion says first what it would do, then why, then how sure that is."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.suggestions.rows import NOT_NULL, PART, WHOLE
from worker.counting.check import Passed
from worker.judging.proposal import Judgement, Origin, Proposal, Refits
from worker.kinds.column_kind import ColumnKind
from worker.profiling.results import Candidate, Evidence
from worker.suggestions.judged_rationale import judged_rationale, of_the_others

SURE = "Confidence 0.98: the estimated probability that it flags no correct row of the next load."
FINDING = "It is a finding: about 80 % of the rows that it flags are expected to be wrong."


def rule(**changes: Any) -> Judgement:
    return Judgement(proposal(**changes), 0.985, None, None)


def finding(**changes: Any) -> Judgement:
    return Judgement(proposal(finding=True, **changes), None, 0.8, None)


def proposal(**changes: Any) -> Proposal:
    values: dict[str, Any] = {"origin": Origin.WORKER, "reason": "Three digits."} | changes
    candidate = Candidate(NOT_NULL, "", "id", "DQX names 17.")
    return Proposal(candidate, kind=ColumnKind.CODE, kind_reason="", **values)


def test_a_rule_that_holds_for_the_whole_table() -> None:
    tried = Evidence(Passed(1_234, 1_234))
    assert judged_rationale(rule(), tried, WHOLE, public=True) == (
        f"Holds for all 1,234 rows there are. Three digits. {SURE}"
    )


def test_a_rule_that_holds_for_a_sample_and_for_the_rows_held_out() -> None:
    judgement = rule(random=Refits(9, 8, Passed(998, 997)), in_order=Refits(3, 3, Passed(99, 99)))
    tried = Evidence(Passed(998, 998), Passed(500, 500))
    assert judged_rationale(judgement, tried, PART, public=True) == (
        "Holds for all 1,498 rows tried, of 10,000 in the table. Three digits. "
        "Made of two thirds of the rows, it held for the other third in 8 of 9 trials. "
        f"Made of earlier rows, it held for later ones in 3 of 3 trials. {SURE}"
    )


@pytest.mark.parametrize(
    ("public", "shown"),
    [(True, f', with values such as "{"x" * 29}…", "-1".'), (False, ".")],
)
def test_a_finding_names_values_that_it_flags_unless_they_are_personal(
    public: bool, shown: str
) -> None:
    judgement = finding(examples=("x" * 31, -1))
    assert judged_rationale(judgement, Evidence(Passed(998, 973)), PART, public=public) == (
        "Would flag 25 of 998 rows tried, of 10,000 in the table (2.5 %)"
        f"{shown} Three digits. {FINDING}"
    )


def test_a_finding_of_one_row_names_its_value() -> None:
    said = judged_rationale(finding(examples=(7,)), Evidence(Passed(998, 997)), PART, public=True)
    assert said.startswith(
        'Would flag 1 of 998 rows tried, of 10,000 in the table (0.10 %), with the value "7". '
    )


def test_of_a_check_of_dqx_neither_its_description_nor_what_imitates_it_is_repeated() -> None:
    judgement = rule(
        origin=Origin.DQX, reason="DQX names 17.", random=Refits(9, 9, Passed(998, 998))
    )
    tried = Evidence(Passed(998, 998))
    assert judged_rationale(judgement, tried, PART, public=True) == (
        f"Holds for all 998 rows tried, of 10,000 in the table. {SURE}"
    )


@pytest.mark.parametrize(
    ("of_rows", "held"),
    [(1_234, "the one row tried, of 1,234 in the table"), (1, "the one row there is")],
)
def test_one_row(of_rows: int, held: str) -> None:
    sample = replace(WHOLE, rows=1, of_rows=of_rows)
    said = judged_rationale(rule(), Evidence(Passed(1, 1)), sample, public=True)
    assert said == f"Holds for {held}. Three digits. {SURE}"


@pytest.mark.parametrize("tried", [Evidence(), Evidence(Passed(0, 0))])
def test_what_was_tried_on_no_row_says_nothing_of_rows(tried: Evidence) -> None:
    assert judged_rationale(rule(), tried, PART, public=True) == f"Three digits. {SURE}"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("Every value is an e-mail address.", "Every other value is an e-mail address."),
        ("No value occurs twice.", "No other value occurs twice."),
        ("Each bound allows for more.", "Each bound allows for more."),
    ],
)
def test_the_reason_for_a_finding_is_about_the_other_rows(reason: str, expected: str) -> None:
    assert of_the_others(reason) == expected
