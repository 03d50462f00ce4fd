"""What counts as a difference between stock DQX's findings and the worker's, and what does not."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from worker.counting.check import Check, Passed
from worker.profiling.decide_by_counts import APPROXIMATE
from worker.profiling.differences import Found, differences
from worker.profiling.results import Candidate, Evidence, TableProfile
from worker.sampling.sample_facts import Counted, Counting, SampleFacts, Sampling

FACTS = SampleFacts(10, 10, Sampling.WHOLE, fraction=None, limit=None, seed=None)
NAN = float("nan")


def listed(*allowed: Any) -> Candidate:
    check = Check("is_in_list", {"column": "a", "allowed": list(allowed)}, "a_other", "error")
    return Candidate(check, "is_in", "a", None)


NOT_NULL = Candidate(
    Check("is_not_null", {"column": "a"}, "a_null", "error"), "is_not_null", "a", ""
)
PASSED = Evidence(Passed(10, 9))


def found(
    statistics: dict[str, Any] | None = None,
    candidates: Sequence[Candidate] = (),
    evidence: Sequence[Evidence] = (),
    **failed: str,
) -> Found:
    profile = TableProfile(
        table="t",
        columns=1,
        sample=FACTS,
        counted=Counted(Counting.FETCHED),
        statistics={"a": statistics or {}},
        profiles=len(candidates),
        candidates=tuple(candidates),
        skipped_columns=failed,
    )
    return Found(profile, evidence or [Evidence() for _ in candidates])


def told(stock: Found, worker: Found) -> list[str]:
    return list(map(str, differences(stock, worker)))


def test_a_column_that_only_one_of_them_fails_on_differs() -> None:
    stock, worker = found(a="overflow"), found()
    assert told(stock, worker) == ["the failure of a: stock DQX has 'overflow', the worker nothing"]
    assert told(worker, stock) == ["the failure of a: stock DQX has nothing, the worker 'overflow'"]
    assert told(stock, found(a="underflow"))
    assert told(stock, stock) == []


@pytest.mark.parametrize(
    ("worker", "difference"),
    [
        ([NOT_NULL], "candidates is_in of a: stock DQX has 1, the worker 0"),
        ([listed(1, 2), NOT_NULL, NOT_NULL], "candidates is_not_null of a: stock DQX has 1"),
        ([NOT_NULL, listed(1, 2)], "the order of candidates: stock DQX has"),
        ([listed(1, 3), NOT_NULL], "is_in of a, allowed: stock DQX has [1, 2], the worker [1, 3]"),
        ([listed(1, 2.0), NOT_NULL], "is_in of a, allowed:"),
        ([listed(1, 2), replace(NOT_NULL, description="d")], "is_not_null of a, description:"),
        ([listed(1, 2), replace(NOT_NULL, nans=1)], "is_not_null of a, nans:"),
        (
            [listed(1, 2), replace(NOT_NULL, check=replace(NOT_NULL.check, function="f"))],
            "is_not_null of a, function:",
        ),
    ],
)
def test_candidates_have_to_be_equal(worker: list[Candidate], difference: str) -> None:
    (only,) = told(found(candidates=[listed(1, 2), NOT_NULL]), found(candidates=worker))
    assert only.startswith(difference)


def test_the_values_of_a_list_have_no_order() -> None:
    assert told(found(candidates=[listed(1, 2)]), found(candidates=[listed(2, 1)])) == []


def test_as_many_rows_have_to_pass_each_check_that_the_worker_tried() -> None:
    stock = found(candidates=[NOT_NULL], evidence=[PASSED])
    assert told(stock, stock) == []
    assert told(stock, found(candidates=[NOT_NULL])) == []
    assert told(stock, found(candidates=[NOT_NULL], evidence=[Evidence(Passed(10, 8))])) == [
        "passing rows of is_not_null of a: stock DQX has Passed(rows=10, passing=9),"
        " the worker Passed(rows=10, passing=8)"
    ]


@pytest.mark.parametrize(
    ("stock", "worker"),
    [
        ({"mean": 1.0}, {"mean": 1.0 + 1e-8}),
        ({"mean": 1.0}, {"mean": 1}),
        ({"mean": 1.0}, {"mean": NAN}),
        ({"mean": NAN}, {"mean": 1.0}),
        ({"mean": Decimal("1.0")}, {"mean": 1.0}),
        ({"mean": 1.0}, {}),
        ({}, {"mean": None}),
        ({"min": "a"}, {"min": "b"}),
        ({"min": 1, "50%": 2.0}, {"min": 1, "50%": 3.0}),
        ({"count_distinct": 100}, {"count_distinct": 101}),
        ({"count_distinct": 100}, {"count_distinct": 126, APPROXIMATE: True}),
    ],
)
def test_statistics_that_differ(stock: dict[str, Any], worker: dict[str, Any]) -> None:
    (only,) = told(found(stock), found(worker))
    assert only.startswith("statistics of a, ")


@pytest.mark.parametrize(
    ("stock", "worker"),
    [
        ({"mean": 1.0}, {"mean": 1.0 + 1e-10}),
        ({"mean": NAN}, {"mean": NAN}),
        ({"mean": Decimal("1.0")}, {"mean": Decimal("1.00")}),
        # Of texts, which have no least number, the worker publishes no quartiles.
        ({"50%": "3"}, {"50%": None}),
        ({"count_distinct": 100}, {"count_distinct": 124, APPROXIMATE: True}),
    ],
)
def test_statistics_that_are_as_accurate_as_they_have_to_be(
    stock: dict[str, Any], worker: dict[str, Any]
) -> None:
    assert told(found(stock), found(worker)) == []
