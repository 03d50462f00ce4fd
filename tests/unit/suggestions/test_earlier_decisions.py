"""What people decided outlives edits of a contract and its new versions."""

import json
from dataclasses import replace

import pytest

from tests.unit.suggestions.rows import (
    NOT_NULL,
    RANGE,
    WHOLE,
    broken,
    custom,
    decision,
    drafts_of,
    known_of,
    own,
)
from worker.checks.odcs_rules import KnownProperty
from worker.checks.stored_checks import KnownRow
from worker.counting.check import Check
from worker.suggestions.decisions import Decision, When
from worker.suggestions.suggest import Suggestions, suggest
from worker.suggestions.suggest_again import Tried
from worker.suggestions.suggestion_row import SuggestionRow

ACCEPTED_BEFORE = "Accepted before; the contract no longer has it. "


def suggested(
    *checks: Check,
    rows: list[KnownRow] | None = None,
    decisions: list[Decision] | None = None,
    readable: bool = True,
) -> Suggestions:
    known = known_of(rows or [], (), decisions or [], readable=readable)
    drafts = drafts_of(*checks).drafts
    return suggest(drafts, broken(drafts, known), WHOLE, known)


def only(found: Suggestions) -> SuggestionRow:
    (row,) = found.rows
    return row


def at_most(most: int) -> Check:
    return replace(RANGE, arguments={**RANGE.arguments, "max_limit": most})


def of(
    status: str,
    check: Check,
    number: int = 1,
    *,
    severity: str | None = None,
    version: str | None = None,
) -> Decision:
    row = custom(check, severity)
    return decision(str(number), status, When.EARLIER, row, version=version)


def test_what_was_accepted_and_the_contract_has_no_more_is_suggested_and_says_so() -> None:
    row = only(suggested(NOT_NULL, decisions=[of("accepted", NOT_NULL)]))

    assert row.rationale.startswith(f"{ACCEPTED_BEFORE}Rests on")


def test_what_was_accepted_and_the_contract_has_is_not_suggested() -> None:
    found = suggested(NOT_NULL, rows=[custom(NOT_NULL)], decisions=[of("accepted", NOT_NULL)])

    assert found.held_back == {"id_is_null": "the contract has it"}


def test_what_was_accepted_is_not_asked_again_if_the_worker_cannot_see_the_contracts_rules() -> (
    None
):
    found = suggested(NOT_NULL, decisions=[of("accepted", NOT_NULL)], readable=False)

    assert found.held_back == {"id_is_null": "it was accepted before"}


def test_what_was_accepted_here_counts_before_what_another_version_accepted_later() -> None:
    decisions = [of("accepted", NOT_NULL), of("accepted", NOT_NULL, 2, version="2.0.0")]

    found = suggested(NOT_NULL, decisions=decisions, readable=False)
    assert found.held_back == {"id_is_null": "it was accepted before"}
    assert only(suggested(NOT_NULL, decisions=decisions)).rationale.startswith(ACCEPTED_BEFORE)

    decisions[0] = of("rejected", NOT_NULL)
    assert "version 2.0.0" in only(suggested(NOT_NULL, decisions=decisions)).rationale


def test_what_was_accepted_is_not_asked_again_if_people_replaced_it_in_the_contract() -> None:
    decisions = [of("accepted", at_most(9)), of("accepted", at_most(7), 2)]
    for rows in ([custom(at_most(7))], [custom(at_most(5))]):
        found = suggested(at_most(9), rows=rows, decisions=decisions)
        assert found.held_back == {"r": "it was accepted before"}


def test_a_rule_that_was_accepted_earlier_replaces_none_that_was_lost() -> None:
    decisions = [of("accepted", at_most(7)), of("accepted", at_most(9), 2)]

    row = only(suggested(at_most(9), rows=[custom(at_most(7))], decisions=decisions))

    changes = "Changes the accepted rule: price from 1 to 7. "
    assert row.rationale.startswith(ACCEPTED_BEFORE + changes)


def test_what_a_property_demands_replaces_no_rule() -> None:
    distinct = Check("is_unique", {"columns": ["id"], "nulls_distinct": False}, "key", "warn")
    unique = [KnownProperty("id", required=False, unique=True)]
    known = known_of((), unique, [of("accepted", distinct)])

    row = only(suggest(drafts_of(distinct).drafts, Tried(), WHOLE, known))

    assert row.rationale.startswith(ACCEPTED_BEFORE)
    assert row.severity == "warning"


def test_a_run_that_was_set_back_does_not_suggest_what_was_accepted_of_it() -> None:
    found = suggested(NOT_NULL, decisions=[own(NOT_NULL, "accepted")])

    assert found.held_back == {"id_is_null": "it was accepted before"}


@pytest.mark.parametrize(
    ("statuses", "suggests"),
    [
        (["accepted", "rejected"], False),
        (["rejected", "accepted"], True),
        (["accepted", "rejected", "accepted"], True),
    ],
)
def test_the_newest_decision_about_a_check_counts(statuses: list[str], suggests: bool) -> None:
    decisions = [of(status, NOT_NULL, number) for number, status in enumerate(statuses)]

    assert bool(suggested(NOT_NULL, decisions=decisions).rows) is suggests


def test_a_change_names_the_rule_that_was_accepted_last() -> None:
    decisions = [of("accepted", at_most(most), number) for number, most in enumerate((7, 8, 7))]

    row = only(suggested(at_most(9), decisions=decisions))

    assert row.rationale.startswith("Changes the accepted rule: price from 1 to 7. ")


def test_a_rule_that_was_rejected_later_is_no_rule_to_change() -> None:
    decisions = [of("accepted", at_most(7)), of("rejected", at_most(7), 2)]

    row = only(suggested(at_most(9), decisions=decisions))

    assert row.rationale.startswith("Differs from a rule that was rejected: price from 1 to 7. ")


def test_what_another_version_accepted_is_suggested_and_names_the_version() -> None:
    decisions = [of("accepted", NOT_NULL, version="1.2.0")]

    row = only(suggested(NOT_NULL, decisions=decisions))

    assert row.rationale.startswith("Accepted in version 1.2.0 of this contract. Rests on")


def test_what_another_version_rejected_is_not_asked_again() -> None:
    found = suggested(NOT_NULL, decisions=[of("rejected", NOT_NULL, version="1.2.0")])

    assert found.held_back == {"id_is_null": "it was rejected before"}


def test_other_bounds_than_those_of_another_version_name_the_version() -> None:
    row = only(suggested(at_most(9), decisions=[of("accepted", at_most(7), version="1.2.0")]))

    assert row.rationale.startswith(
        "Changes the rule accepted in version 1.2.0 of this contract: price from 1 to 7. "
    )


def test_what_another_version_accepted_may_change_the_contracts_own_rule() -> None:
    decisions = [of("accepted", at_most(9), version="1.0.0"), of("accepted", at_most(7), 2)]
    accepted = "Accepted in version 1.0.0 of this contract. "
    changes = "Changes the accepted rule: price from 1 to 7. "

    row = only(suggested(at_most(9), rows=[custom(at_most(7))], decisions=decisions))
    assert row.rationale.startswith(accepted + changes)

    row = only(suggested(at_most(9), decisions=decisions))
    assert row.rationale.startswith(f"{accepted}Rests on")


def test_the_name_of_a_version_is_short_and_printable_in_a_rationale() -> None:
    decisions = [of("accepted", NOT_NULL, version="1\x1b[31m\n" + "9" * 5000)]

    row = only(suggested(NOT_NULL, decisions=decisions))

    assert row.rationale.startswith("Accepted in version 1 [31m 9999999")
    assert row.rationale.index("… of this contract. ") == len("Accepted in version ") + 39


@pytest.mark.parametrize(
    ("severity", "kept", "criticality"),
    [
        ("critical", "critical", "error"),
        ("ERROR", "error", "error"),
        (" Warning ", "warning", "warn"),
        ("info", "info", "warn"),
        ("urgent", "warning", "warn"),
        ("", "warning", "warn"),
        (None, "warning", "warn"),
    ],
)
def test_a_change_keeps_the_severity_that_people_chose(
    severity: str | None, kept: str, criticality: str
) -> None:
    """The check itself is a warning."""
    draft = replace(at_most(9), criticality="error" if criticality == "warn" else "warn")
    for found in (
        suggested(draft, rows=[custom(at_most(7), severity)]),
        suggested(draft, decisions=[of("accepted", at_most(7), severity=severity)]),
        suggested(draft, decisions=[of("accepted", at_most(9), severity=severity)]),
        suggested(draft, decisions=[of("accepted", at_most(9), severity=severity, version="1")]),
    ):
        row = only(found)
        assert row.severity == kept
        assert json.loads(row.implementation)["criticality"] == criticality


def test_the_contract_says_the_severity_if_people_changed_it_there() -> None:
    row = only(
        suggested(
            at_most(9),
            rows=[custom(at_most(7), "info")],
            decisions=[of("accepted", at_most(7), severity="critical")],
        )
    )

    assert row.severity == "info"


def test_a_check_of_another_severity_is_the_same_check() -> None:
    found = suggested(NOT_NULL, rows=[custom(NOT_NULL, "info")])

    assert found.held_back == {"id_is_null": "the contract has it"}


def test_what_was_rejected_leaves_no_severity_behind() -> None:
    row = only(suggested(at_most(9), decisions=[of("rejected", at_most(7), severity="critical")]))

    assert row.severity == "error"
