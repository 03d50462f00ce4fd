"""Columns of a known form, and bounds that say that a value is there."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from tests.unit.judging.proposed import CLEAN, NOW, ROWS, columns_of, own, profile_of, proposed
from worker.checks.catalogue import function_of
from worker.counting.check import Passed
from worker.judging.proposal import Origin
from worker.judging.propose import propose
from worker.profiling.results import Candidate

_RNG = np.random.default_rng(25)
_FORMS: Mapping[str, tuple[Sequence[Any], str]] = {
    "address": ([f"2001:db8::{at:x}" for at in range(ROWS)], "is_valid_ipv6_address"),
    "payload": ([f'{{"a": {at}}}' for at in range(ROWS)], "is_valid_json"),
    "ssn": ([f"{at % 600 + 1:03}-11-{at + 1:04}" for at in range(ROWS)], "is_valid_national_id"),
    "seen": (
        [f"2024-01-{at % 28 + 1:02}T10:{at % 60:02}:00Z" for at in range(ROWS)],
        "is_valid_timestamp",
    ),
    "amount": ([f"{at * 37 % 9_999 / 100:.2f}" for at in range(ROWS)], "regex_match"),
    "digest": ([f"{at * 2**90 + at:032x}" for at in range(1, ROWS + 1)], "regex_match"),
    "lat": (list(_RNG.uniform(-80, 80, ROWS)), "is_latitude"),
    "tags": ([["a"], ["b", "c"]] * (ROWS // 2), "is_not_null_and_not_empty_array"),
    "version": ([1.5] * ROWS, "is_not_null_and_is_in_list"),
    "live": ([True] * ROWS, "is_not_null_and_is_in_list"),
}


@pytest.mark.parametrize("name", _FORMS)
def test_the_form_of_a_column_is_a_rule(name: str) -> None:
    values, function = _FORMS[name]

    assert function in own({name: values})[name]
    (filled,) = (
        one for one in proposed({name: values}, ["is_not_null"]) if one.origin is Origin.DQX
    )
    # One rule that a value is there and what it is, if DQX has a function for it.
    assert (filled.held_back is not None) == function.startswith("is_not_null")


def test_an_empty_array_is_a_finding() -> None:
    arrays = [*_FORMS["tags"][0], []]
    (found,) = proposed({"tags": arrays})

    assert (found.finding, found.made_of) == (True, Passed(ROWS + 1, ROWS))
    assert found.examples == ()


def test_bounds_of_a_column_that_is_never_null_are_one_rule_with_that() -> None:
    filled = proposed({"price": CLEAN["price"], "day": CLEAN["day"]}, ["is_not_null"])

    arguments = {
        (one.candidate.column, one.candidate.check.function): one.candidate.check.arguments
        for one in filled
        if one.held_back is None
    }
    assert arguments.keys() == {
        ("price", "is_in_range"),
        ("price", "has_num_decimal_places"),
        ("day", "is_not_less_than"),
        ("day", "is_not_in_future"),
    }
    # The first that may refuse null does.
    assert arguments["price", "is_in_range"]["allow_nulls"] is False
    assert arguments["day", "is_not_less_than"]["allow_nulls"] is False
    assert "allow_nulls" not in arguments["price", "has_num_decimal_places"]
    of_dqx = {one.candidate.column: one for one in filled if one.origin is Origin.DQX}
    for one in filled:
        if "allow_nulls" in one.candidate.check.arguments:
            assert one.reason.endswith("Every row has a value.")
            missing = of_dqx[one.candidate.column].caught
            assert one.caught is not None
            assert missing is not None
            assert missing.beyond(one.caught.bits) == 0


def test_bounds_of_a_few_hundred_full_rows_refuse_null() -> None:
    prices = {"price": CLEAN["price"][:320]}
    (filled,) = (one for one in proposed(prices, ["is_not_null"]) if one.origin is Origin.DQX)

    assert filled.held_back is not None


@pytest.mark.parametrize(
    ("values", "looked_at"),
    [
        ([*CLEAN["price"], None], 0),
        (CLEAN["price"], 1),
        (CLEAN["price"][:290], 0),
    ],
)
def test_bounds_do_not_refuse_null_if_one_of_the_two_is_unsure(
    values: Sequence[Any], looked_at: int
) -> None:
    candidate = Candidate(function_of("is_not_null").check("price"), "", "price", None)
    profile = profile_of([candidate], {"price": {"count_null": looked_at}})
    found = propose(profile, columns_of({"price": values}), now=NOW, tolerated=0.0)

    assert [one.held_back for one in found if one.origin is Origin.DQX] == [None]
    assert not any(one.candidate.check.arguments.get("allow_nulls") is False for one in found[:1])
