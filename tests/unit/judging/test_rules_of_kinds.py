"""Which rules a kind of column gets: lists, patterns beside others, decimal places."""

import numpy as np
import pytest

from tests.unit.judging.proposed import ROWS, own, proposed
from worker.patterns.letter_cases import PADDED_NOT_CAPITALS, TITLE
from worker.patterns.text_patterns import NO_CAPITALS, PADDED_READABLE, READABLE

_RNG = np.random.default_rng(24)


def test_of_an_open_set_there_is_no_list_and_no_finding_of_one() -> None:
    towns = [*["Rome", "Oslo", "Bern"] * (ROWS // 3 - 1), "Rome", "Oslo", "bern"]

    assert own(
        {
            "state": ["CA", "NY", "TX", "OH", "WA"] * (ROWS // 5),
            "country": ["DE", "FR"] * (ROWS // 2),
            "release": ["1.9.0", "1.9.1", "1.9.2"] * (ROWS // 3),
            "city": towns,
            "depot": towns,
            "unit": ["C"] * ROWS,
            "currency": ["EUR"] * ROWS,
        }
    ) == {
        "state": ["regex_match"],
        "country": ["is_valid_country_code"],
        "release": ["regex_match"],
        "city": ["regex_match"],
        "depot": ["is_not_null_and_is_in_list!", "regex_match"],
        "unit": ["is_not_null_and_is_in_list"],
        "currency": ["is_not_null_and_is_in_list"],
    }


def test_beside_a_finding_texts_have_a_rule_that_all_of_them_keep_to() -> None:
    names = ["El Paso", "New York", "Lyon"] * (ROWS // 3 - 1)

    clean = proposed({"last_name": [*names, *names[:3]]})
    padded = proposed({"last_name": [*names, *names[:2], "Bonn "]})

    assert [(one.candidate.check.arguments, one.finding) for one in clean] == [
        ({"column": "last_name", "regex": TITLE}, False)
    ]
    assert [(one.candidate.check.arguments, one.finding) for one in padded] == [
        ({"column": "last_name", "regex": READABLE}, True),
        ({"column": "last_name", "regex": PADDED_NOT_CAPITALS}, False),
    ]


@pytest.mark.parametrize(
    ("text", "regex"), [("a \u00e9 ", PADDED_READABLE), ("a\n\u00e9", READABLE)]
)
def test_an_empty_text_is_refused_beside_a_pattern_that_it_matches(text: str, regex: str) -> None:
    texts = [text, *["\u00e9t\u00c9"] * 4] * (ROWS // 5)

    own, of_dqx = proposed({"last_name": texts}, ["is_not_empty"])

    assert str(own.candidate.check.arguments["regex"]).startswith(regex[:10])
    assert (of_dqx.held_back is None) == (regex == PADDED_READABLE)


def test_json_has_a_rule_of_its_characters_beside_its_own() -> None:
    payloads = [f'{{"order": {at}}}' for at in range(ROWS)]

    format_, text = (one.candidate.check for one in proposed({"payload": payloads}))

    assert format_.function == "is_valid_json"
    assert text.arguments["regex"] == NO_CAPITALS


@pytest.mark.parametrize(
    ("name", "step", "limit"),
    [
        ("price", 0.01, 2),
        ("price", 0.1, 2),
        ("temperature", 0.01, 2),
        ("temperature", 1.0, None),
        ("delay_minutes", 1.0, 0),
    ],
)
def test_decimal_places_of_money_of_measures_and_of_whole_numbers(
    name: str, step: float, limit: int | None
) -> None:
    numbers = [round(one * step, 2) for one in _RNG.integers(1, 9999, ROWS).tolist()]

    limits = [
        one.candidate.check.arguments["limit"]
        for one in proposed({name: numbers})
        if one.candidate.check.function == "has_num_decimal_places"
    ]

    assert limits == ([] if limit is None else [limit])
    found = own({name: [*numbers[1:], 12.34 * 0.453592]})[name]
    assert "has_num_decimal_places!" in found
