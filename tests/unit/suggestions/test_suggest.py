import json
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

import pytest

from tests.unit.suggestions.rows import (
    NOT_NULL,
    RANGE,
    WHOLE,
    custom,
    decision,
    drafts_of,
    known_of,
    names_of,
    row_of,
    rows_of,
)
from worker.checks.identity import suggestion_id
from worker.counting.check import Check
from worker.suggestions.decisions import When
from worker.suggestions.options import CheckOptions
from worker.suggestions.suggest import suggest
from worker.suggestions.suggest_again import Tried
from worker.suggestions.suggestion_row import SuggestionRow


def test_every_column_of_a_row_is_filled() -> None:
    assert row_of(NOT_NULL) == SuggestionRow(
        id=suggestion_id("run", "orders", NOT_NULL),
        property_name="id",
        name="id filled",
        description="Every row must have a value.",
        level="property",
        dimension="completeness",
        severity="error",
        type="custom",
        rule="id is filled",
        engine="dqx",
        implementation='{"check":{"function":"is_not_null","arguments":{"column":"id"}},'
        '"name":"id_is_null","criticality":"error"}',
        rationale="Rests on all 1,234 rows of the table; it was tried on none.",
    )


@pytest.mark.parametrize(
    ("arguments", "properties", "place"),
    [
        ({"column": "id"}, ["ID", "id"], ("id", "property")),
        ({"column": "PRICE"}, ["id", "Price"], ("Price", "property")),
        ({"column": "amount (usd)"}, ["Amount (USD)"], ("Amount (USD)", "property")),
        ({"column": "address.zip"}, ["zip", "address"], ("address.zip", "object")),
        ({"column": "address.zip (old)"}, ["zip"], ("address.zip (old)", "object")),
        ({"column": "a b (c)"}, ["id"], ("a b (c)", "object")),
        ({"columns": ["id"]}, ["id"], ("id", "property")),
        ({"columns": ["id", "zip"]}, ["id", "zip"], (None, "object")),
        ({"columns": []}, ["id"], (None, "object")),
        ({}, ["id"], (None, "object")),
    ],
)
def test_only_one_top_level_column_that_the_contract_knows_is_a_property(
    arguments: dict[str, Any], properties: list[str], place: tuple[str | None, str]
) -> None:
    row = row_of(replace(NOT_NULL, arguments=arguments), properties=properties)

    assert (row.property_name, row.level) == place


@pytest.mark.parametrize("arguments", [{"col_name": "id"}, {"col_names": ["id"]}])
def test_a_column_under_the_argument_of_an_older_dqx_is_a_property_too(
    arguments: dict[str, Any],
) -> None:
    row = row_of(replace(NOT_NULL, arguments=arguments))

    assert (row.property_name, row.level) == ("id", "property")


@pytest.mark.parametrize(("criticality", "severity"), [("error", "error"), ("warn", "warning")])
def test_the_criticality_becomes_the_severity(
    criticality: Literal["error", "warn"], severity: str
) -> None:
    assert row_of(NOT_NULL, options=CheckOptions(criticality=criticality)).severity == severity


def test_the_implementation_is_the_check_on_one_line_of_json() -> None:
    check = Check(
        "is_in_list",
        {"column": "größe (cm)", "allowed": ["'b\n'", Decimal("0.50"), "'a'"]},
        "größe_other_value",
        "warn",
        "id >= 10",
        {"pk_detection_confidence": "high"},
    )

    implementation = row_of(check, options=CheckOptions(criticality="warn")).implementation

    assert len(implementation.splitlines()) == 1
    assert "größe" in implementation
    assert json.loads(implementation) == {
        "check": {
            "function": "is_in_list",
            "arguments": {"column": "`größe (cm)`", "allowed": ["'a'", "'b\n'", "0.50BD"]},
        },
        "name": "größe_other_value",
        "criticality": "warn",
        "filter": "id >= 10",
        "user_metadata": {"pk_detection_confidence": "high"},
    }
    assert list(json.loads(row_of(NOT_NULL).implementation)) == ["check", "name", "criticality"]


def test_the_implementation_survives_as_yaml() -> None:
    """Which reads one character as a space that JSON writes as it is."""
    check = Check("is_in_list", {"column": "id", "allowed": ["'a\x85b'"]}, "n", "error")

    text = row_of(check).implementation

    assert "\x85" not in text
    assert json.loads(text)["check"]["arguments"]["allowed"] == ["'a\x85b'"]


def test_equal_checks_become_one_row_and_the_first_one_stays() -> None:
    again = Check("is_not_null", {"column": "ID"}, "other", "warn")

    assert names_of(rows_of(NOT_NULL, RANGE, again)) == ["id_is_null", "r"]


def test_a_check_with_nothing_left_to_check_becomes_no_row() -> None:
    empty = Check("is_in_list", {"column": "id", "allowed": []}, "id_other_value", "error")

    assert names_of(rows_of(empty, NOT_NULL)) == ["id_is_null"]


@pytest.mark.parametrize(
    ("allowed", "reason"),
    [
        ([1.0, float("nan")], "its values can't be written in a rule"),
        ([b"x"], "its values can't be written in a rule"),
        (["x" * 20_000], "its values are too long for a rule"),
    ],
)
def test_a_check_that_no_rule_can_hold_is_held_back_alone(allowed: list[Any], reason: str) -> None:
    bad = Check("is_in_list", {"column": "id", "allowed": allowed}, "bad", "error")

    found = drafts_of(bad, NOT_NULL)

    assert [draft.check.name for draft in found.drafts] == ["id_is_null"]
    assert found.held_back == {"bad": reason}


def test_checks_of_one_name_are_held_back_beside_those_that_became_no_drafts() -> None:
    bad = replace(RANGE, function="is_in_list", arguments={"column": "price", "allowed": [b"x"]})
    first, second = (replace(RANGE, filter=one) for one in ("id > 1", "id > 2"))
    found = drafts_of(bad, first, second)
    decided = [
        decision("1", "rejected", When.EARLIER, custom(first)),
        decision("2", "accepted", When.EARLIER, custom(second)),
    ]

    known = known_of(decisions=decided, readable=False)
    chosen = suggest(found.drafts, Tried(), WHOLE, known, held_back=found.held_back)

    assert chosen.held_back == {
        "r": "its values can't be written in a rule",
        "r (2)": "it was rejected before",
        "r (3)": "it was accepted before",
    }
    assert found.held_back == {"r": "its values can't be written in a rule"}
