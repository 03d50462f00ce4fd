"""Of a personal column nothing is said that holds a value."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.environment import loaded
from tests.unit.suggestions.rows import drafts_of
from worker.checks.column_names import as_argument
from worker.checks.personal_data import PersonalColumns, holds_values, names_personal_data
from worker.counting.check import Check

WORDS = ("pii", "personal", "personal data")


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("PII", True),
        ("pii", True),
        ("class: PII (high)", True),
        ("personal_data", True),
        ("Personal-Data", True),
        ('["gold", "pii"]', True),
        ('{"classification": "PII"}', True),
        ("not personal at all", True),
        *[(one, True) for one in ("personalData", "PIIData", "pii2", "SPI/PII", "containsPII")],
        ("public", False),
        ("piing", False),
        ("impersonal", False),
        ("", False),
        (None, False),
    ],
)
def test_words_say_that_data_is_personal(text: str | None, personal: bool) -> None:
    assert names_personal_data([None, text], WORDS) is personal
    assert not names_personal_data([text], ())


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        ({"column": "a"}, False),
        ({"column": "a", "trim_strings": True}, False),
        ({"columns": ["a"], "nulls_distinct": False}, False),
        ({"column": "a", "row_filter": None}, False),
        ({"column": "a", "allowed": ["'x'"]}, True),
        ({"column": "a", "limit": 1}, True),
        ({"column": "a", "min_limit": 0, "max_limit": 0}, True),
        ({"column": "a", "something": "new"}, True),
        *(({"column": "a", form: "GB"}, False) for form in ("country", "case", "code_format")),
        *(({"column": "a", form: "yyyy"}, False) for form in ("date_format", "timestamp_format")),
    ],
)
def test_a_check_holds_values_or_not(arguments: Mapping[str, Any], holds: bool) -> None:
    assert holds_values(Check("any", arguments, "n", "error")) is holds


def test_checks_of_personal_columns_name_no_values() -> None:
    personal = PersonalColumns(frozenset({"Mail", "address", "Person.phone"}))
    kept = Check("is_not_null", {"column": "mail"}, "kept", "error")
    listed = Check("is_in_list", {"column": "mail", "allowed": ["'a@b'"]}, "listed", "error")
    ranged = Check("is_in_range", {"column": "mail", "min_limit": 1, "max_limit": 2}, "r", "warn")

    for column in ("mail", "MAIL", "address.zip", "person"):
        found = drafts_of(kept, listed, ranged, column=column, personal=personal)
        assert [draft.check.name for draft in found.drafts] == ["kept"]
        reason = "it names values of a column of personal data"
        assert found.held_back == {"listed": reason, "r": reason}
    for column in ("mails", "zip", "other.mail"):
        assert len(drafts_of(kept, listed, column=column, personal=personal).drafts) == 2
    everything = PersonalColumns(all_of_them=True)
    assert len(drafts_of(kept, listed, column="other", personal=everything).drafts) == 1


def test_statistics_of_personal_columns_are_counts() -> None:
    counts = {
        "count": 9,
        "count_null": 1,
        "count_distinct": 7,
        "count_distinct_approximate": True,
    }
    metrics = {**counts, "min": 3, "mean": 4.0, "25%": 3}
    statistics = {"mail": metrics, "id": metrics, "Address.Zip": metrics}

    reported = PersonalColumns(frozenset({"mail", "address"})).statistics(statistics)

    assert reported == {"mail": counts, "id": metrics, "Address.Zip": counts}


def test_a_dot_in_a_name_hides_nothing() -> None:
    """A contract may name a field by its path, or a column by a name with a dot."""
    for path in ("`Home.Mail`", "Home.Mail"):
        personal = PersonalColumns(frozenset({path}))
        for column in ("`home.mail`", "home.mail", "home.mail.`a.b`", "Home"):
            assert column in personal
            check = Check(
                "is_in_list", {"column": as_argument(column), "allowed": [1]}, "n", "warn"
            )
            assert personal.publishes(check)
        assert "`home.mails`" not in personal
        reported = personal.statistics({"`Home.Mail`": {"min": 1, "count": 2}, "Home": {"max": 1}})
        assert reported == {"`Home.Mail`": {"count": 2}, "Home": {}}


@pytest.mark.parametrize(
    ("personal", "names", "named"),
    [
        (PersonalColumns(frozenset({"Mail"})), {"id", "mail"}, True),
        (PersonalColumns(frozenset({"address.Zip"})), {"zip"}, True),
        (PersonalColumns(frozenset({"`Home.Mail`"})), {"home.mail"}, True),
        (PersonalColumns(frozenset({"`Home.Mail`.zip"})), {"home.mail"}, True),
        (PersonalColumns(frozenset({"mail"})), {"id"}, False),
        (PersonalColumns(all_of_them=True), {"id"}, True),
    ],
)
def test_a_personal_column_may_be_named(
    personal: PersonalColumns, names: set[str], named: bool
) -> None:
    assert personal.may_be_named(names) is named


@pytest.mark.parametrize(
    ("words", "personal"),
    [
        (None, ["restricted", "Confidential", "pii"]),
        ("pii,phi,personal,personally identifiable,sensitive,gdpr", ["pii"]),
        (",", []),
    ],
)
def test_what_the_backends_form_offers_is_personal_unless_the_list_says_otherwise(
    environment: pytest.MonkeyPatch, words: str | None, personal: list[str]
) -> None:
    offered = ["public", "internal", "restricted", "Confidential", "pii", "1", "5"]
    settings = loaded(environment, **({"DQX_WORKER_PERSONAL": words} if words else {}))
    assert [one for one in offered if names_personal_data([one], settings.personal)] == personal
