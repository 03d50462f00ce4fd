"""Refits, the order of a table, what is replaced, the confidence and the judge."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.estimates.columns import all_rows, column
from worker.checks.catalogue import function_of
from worker.counting.check import Passed
from worker.estimates.imitations import imitation_of
from worker.estimates.lists import allowed_values
from worker.judging import errors
from worker.judging.confidence import confidence, features, share_of_wrong
from worker.judging.judge import judge
from worker.judging.proposal import Origin, Proposal, Refits
from worker.judging.refits import Splits, refit
from worker.judging.replaced import reasons_to_replace
from worker.kinds.column_kind import ColumnKind
from worker.profiling.results import Candidate, Evidence

_RNG = np.random.default_rng(24)
_ALL_PASS = Evidence(Passed(1000, 1000), Passed(200, 200))
_SOME_FAIL = Evidence(Passed(1000, 1000), Passed(200, 199))
_HELD = Refits(4, 4, Passed(100, 100))


def _proposal(function: str = "is_not_null", path: str = "x") -> Proposal:
    check = function_of(function).check(path)
    candidate = Candidate(check, "", path, None)
    return Proposal(
        candidate, Origin.WORKER, ColumnKind.OTHER, "", "", 0.01, random=_HELD, in_order=_HELD
    )


def test_splits_are_the_same_each_time_and_share_no_row() -> None:
    splits, again = Splits.of(1000, None), Splits.of(1000, None)

    assert splits.in_order == []
    assert len(splits.random) == 3
    for (chosen, others), (once_more, _) in zip(splits.random, again.random, strict=True):
        assert (chosen ^ others).all()
        assert (chosen == once_more).all()
        assert 0.5 < chosen.mean() < 0.7


def test_splits_in_order_lie_before_and_after() -> None:
    order = column([*_RNG.permutation(999).tolist(), None])

    parts = Splits.of(1000, order).in_order

    assert [round(before.sum(), -1) for before, _ in parts] == [500, 650, 800]
    for before, after in parts:
        assert order.numbers[before].max() < order.numbers[after].min()
        assert 190 < after.sum() < 310
        assert not before[-1]
        assert not after[-1]
    assert Splits.of(99, column(range(99))).in_order == []
    assert Splits.of(200, column([5] * 200)).in_order == []


def test_refits_count_the_parts_that_hold() -> None:
    values = column([*["a"] * 500, *["b"] * 500])
    half = np.arange(1000) < 500
    seen = imitation_of("is_in_list")
    assert seen is not None

    found = refit(values, seen.make, [(half, ~half), (all_rows(values), ~half), (~half, ~half)])

    assert found == Refits(3, 2, Passed(1500, 1000))
    assert refit(values, seen.make, []) is None


def test_a_part_without_an_estimate_does_not_hold() -> None:
    values = column([*["a"] * 500, *["b"] * 10])
    few = np.arange(510) >= 500

    assert refit(values, allowed_values(), [(few, ~few)]) == Refits(1, 0, Passed(0, 0))


@pytest.mark.parametrize(
    ("function", "kind", "own", "reason"),
    [
        ("is_in_range", ColumnKind.KEY, [], errors.no_range_of_kind("key")),
        ("is_not_less_than", ColumnKind.MOVING_DATE, [], errors.no_range_of_kind("moving date")),
        ("is_in_range", ColumnKind.MEASURE, [], errors.estimated_instead()),
        ("is_in_list", ColumnKind.FREE_TEXT, [], errors.estimated_instead()),
        ("is_in_list", ColumnKind.OTHER, [], None),
        ("is_not_null", ColumnKind.CATEGORY, [], None),
        ("is_not_null", ColumnKind.CATEGORY, ["is_in_list"], None),
        (
            "is_not_null",
            ColumnKind.CATEGORY,
            ["is_not_null_and_is_in_list"],
            errors.estimated_instead(),
        ),
        ("is_not_empty", ColumnKind.CODE, ["regex_match"], errors.estimated_instead()),
        ("is_not_empty", ColumnKind.CODE, ["is_valid_email"], None),
        ("is_unique", ColumnKind.KEY, ["is_unique"], errors.estimated_instead()),
        ("is_unique", ColumnKind.KEY, [], None),
    ],
)
def test_what_is_held_back_beside_the_own(
    function: str, kind: ColumnKind, own: list[str], reason: str | None
) -> None:
    replaced = reasons_to_replace([_proposal(one) for one in own])
    of_another = reasons_to_replace([_proposal(one, "y") for one in own])

    assert replaced(_proposal(function).candidate, kind) == reason
    if own:
        assert of_another(_proposal(function).candidate, kind) is None


def test_confidence_falls_with_each_doubt() -> None:
    rule = _proposal()
    worse = Refits(4, 2, Passed(100, 90))

    sure = confidence(rule, _ALL_PASS)
    doubts = [
        confidence(rule, _SOME_FAIL),
        confidence(replace(rule, random=worse), _ALL_PASS),
        confidence(replace(rule, in_order=worse), _ALL_PASS),
        confidence(replace(rule, expected=1.0), _ALL_PASS),
    ]

    assert 0 < max(doubts) < sure < 1


def test_features() -> None:
    assert features(_proposal(), _ALL_PASS) == pytest.approx((1, 0, 0, 0, -2))
    # As many rows of the next load fail as of those that were tried.
    assert features(_proposal(), _SOME_FAIL) == pytest.approx((1, 1, 0, 0, 0))
    unknown = replace(_proposal(), expected=None, random=None)
    assert features(unknown, _ALL_PASS) == pytest.approx((1, 0, 0, 0, -np.log10(1200)))
    assert features(unknown, Evidence())[-1] == 0
    extremes = [features(replace(_proposal(), expected=one), _ALL_PASS)[-1] for one in (0.0, 1e9)]
    assert extremes == pytest.approx([-4, 2])


def test_the_judge_holds_back_what_fails_or_is_doubted() -> None:
    rule = _proposal()
    trust = confidence(rule, _ALL_PASS)

    assert judge(rule, _ALL_PASS, trust).held_back is None
    assert judge(rule, _ALL_PASS, trust).confidence == trust
    assert judge(rule, _ALL_PASS, trust + 0.001).held_back == errors.below_confidence()
    assert judge(rule, _SOME_FAIL, 0).held_back == errors.tried_rows_fail()
    assert judge(replace(rule, held_back="why"), _SOME_FAIL, 1).held_back == "why"


def test_a_finding_has_no_confidence_and_its_rows_may_fail() -> None:
    finding = replace(_proposal("regex_match"), finding=True)

    for evidence in (_SOME_FAIL, Evidence()):
        found = judge(finding, evidence, 1.0)
        assert (found.confidence, found.held_back) == (None, None)
        assert found.wrong_share == share_of_wrong(finding)
    assert share_of_wrong(replace(_proposal("is_unique"), finding=True)) == 0.5


def test_a_finding_that_no_tried_row_breaks_is_a_rule() -> None:
    found = judge(replace(_proposal(), finding=True), _ALL_PASS, 0.0)

    assert not found.proposal.finding
    assert found.confidence is not None
    assert found.wrong_share is None


@pytest.mark.parametrize(("held", "suggested"), [(0, False), (1, False), (2, True), (3, True)])
def test_what_seldom_held_when_it_was_made_anew_is_held_back(held: int, suggested: bool) -> None:
    refits = Refits(3, held, Passed(1200, 1200))

    for refitted in (replace(_proposal(), random=refits), replace(_proposal(), in_order=refits)):
        assert (judge(refitted, _ALL_PASS, 0.0).held_back is None) == suggested
