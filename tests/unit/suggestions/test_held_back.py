"""What DQX proposes and no steward should see: refuted by its own rows, of few values, too many."""

from dataclasses import replace

import pytest

from tests.unit.suggestions.rows import (
    NOT_NULL,
    RANGE,
    RUN,
    SCHEMA,
    WHOLE,
    check_of,
    drafts_of,
    rows_of,
)
from worker.checks.personal_data import PersonalColumns
from worker.counting.check import Check, Passed
from worker.profiling.results import Candidate, Evidence, TableProfile
from worker.sampling.sample_facts import Counted, Counting, Hidden
from worker.suggestions.draft import draft_suggestions
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.options import CheckOptions
from worker.suggestions.suggest import Suggestions, suggest
from worker.suggestions.suggest_again import Tried

LIST = Check("is_in_list", {"column": "price", "allowed": ["''", "'EU'"]}, "list", "error")
NOT_EMPTY = Check("is_not_empty", {"column": "price"}, "empty", "error")
OF_FEW = "too few values for a range or a list"
PLACEHOLDER = "all its values are a placeholder, as of a masked column"
OVER_LIMIT = "the table has more suggestions than it may have"


def tried_out(*checks: Check, failing: int, options: CheckOptions | None = None) -> Suggestions:
    """Suggest checks; of 1,234 rows that the first was made of so many fail it."""
    drafts = drafts_of(*checks).drafts
    tried = Tried({drafts[0].id: Evidence(Passed(1234, 1234 - failing), Passed(100, 100))})
    return suggest(drafts, tried, WHOLE, ExistingChecks(), options=options or CheckOptions())


def test_a_list_that_fails_on_its_own_rows_is_held_back_and_names_the_blanks() -> None:
    found = tried_out(LIST, NOT_EMPTY, failing=1)

    # A list that is no rule keeps no rule back.
    assert found.held_back == {
        "list": "blanks around values: the list has them trimmed, so rows that it was made of fail"
    }
    assert [row.rule for row in found.rows] == [row.rule for row in rows_of(NOT_EMPTY)]


@pytest.mark.parametrize(
    ("check", "failing", "suggests"),
    [
        (LIST, 0, True),
        # DQX cuts a range at outliers.
        (RANGE, 617, True),
        (RANGE, 618, False),
        # Its option says how many nulls there may be.
        (NOT_NULL, 1000, True),
        (NOT_EMPTY, 1000, True),
    ],
)
def test_a_rule_that_most_of_its_own_rows_refute_is_held_back(
    check: Check, failing: int, suggests: bool
) -> None:
    found = tried_out(check, failing=failing)

    assert len(found.rows) == suggests
    assert list(found.held_back.values()) == (
        [] if suggests else ["most rows that it was made of fail"]
    )


@pytest.mark.parametrize(
    ("rows", "values", "few"),
    [(29, None, True), (30, None, False), (1000, 29, True), (1000, 30, False), (29, 900, True)],
)
def test_of_few_values_no_range_and_no_list_is_suggested(
    rows: int, values: int | None, few: bool
) -> None:
    checks = (NOT_NULL, RANGE, LIST, check_of("is_area_not_less_than", value=1))
    profile = TableProfile(
        "t",
        1,
        replace(WHOLE, rows=rows),
        Counted(Counting.FETCHED),
        {"price": {} if values is None else {"count_non_null": values}},
        1,
        tuple(Candidate(check, "profile", "price", None) for check in checks),
        {},
    )
    found = draft_suggestions(
        profile,
        run_id=RUN,
        schema_name=SCHEMA,
        properties=(),
        personal=PersonalColumns(),
        options=CheckOptions(),
    )

    names = ["r", "list", "name"] if few else []
    assert found.held_back == dict.fromkeys(names, OF_FEW)


@pytest.mark.parametrize(
    ("values", "placeholder"),
    [
        (["'***'"], True),
        (["'###-##-####'"], True),
        (["'XXX-XX-XXXX'"], True),
        (["'[REDACTED]'"], True),
        (["'Masked'"], True),
        (["'****@****.com'"], False),
        (["'EU'"], False),
        (["'XL'"], False),
        (["'-'"], False),
        (["'***'", "'EU'"], False),
        ([7], False),
        (["'" + "*" * 9_000 + "'"], False),
    ],
)
def test_a_column_of_one_placeholder_gets_no_list(values: list[object], placeholder: bool) -> None:
    found = drafts_of(Check("is_in_list", {"column": "ssn", "allowed": values}, "list", "error"))

    assert found.held_back == ({"list": PLACEHOLDER} if placeholder else {})


def test_of_more_than_a_limit_the_first_of_each_column_are_suggested() -> None:
    checks = [
        replace(one, arguments={**one.arguments, "column": column}, name=f"{column} {one.function}")
        for column in "abc"
        for one in (NOT_NULL, RANGE)
    ]
    drafts = [
        replace(one, candidate=replace(one.candidate, column=one.check.arguments["column"]))
        for one in drafts_of(*checks).drafts
    ]

    found = suggest(
        drafts, Tried(), WHOLE, ExistingChecks(), options=CheckOptions(max_suggestions=4)
    )

    assert [row.name for row in found.rows] == ["a filled", "a in range", "b filled", "c filled"]
    assert found.held_back == dict.fromkeys(["b is_in_range", "c is_in_range"], OVER_LIMIT)


@pytest.mark.parametrize(
    ("hidden", "reason"),
    [
        (Hidden(frozenset({"price"})), "the catalog masks its column"),
        (Hidden(rows=True), "the catalog filters the table's rows"),
        (Hidden(frozenset({"pri", "other"})), None),
    ],
)
@pytest.mark.parametrize("column", ["Price", "price.net"])
def test_of_what_the_catalog_hides_no_values_are_in_rules(
    hidden: Hidden, reason: str | None, column: str
) -> None:
    found = drafts_of(NOT_NULL, RANGE, LIST, column=column, hidden=hidden)

    assert found.held_back == ({} if reason is None else dict.fromkeys(["r", "list"], reason))
