"""What counts as a rule that holds, an error that is caught, a finding that is right."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from tests.bench_suggestions.cases import CLEAN, Case, Parts, Split
from tests.bench_suggestions.errors import ErrorKind
from tests.bench_suggestions.goals import SHARES, caught_by, guesses
from tests.bench_suggestions.inject import Error
from tests.bench_suggestions.results import Result, from_json, result_of, to_json
from tests.bench_suggestions.rule import Flags, Offer, Rule
from tests.bench_suggestions.table import BenchTable, Fold, Kind

ROWS = pa.table({"x": list(range(10))})
CASE = Case(
    BenchTable("t", Fold.DEVELOPMENT, lambda: ROWS, {"x": Kind.MEASURE}), Split.RANDOM, CLEAN, 1
)
PARTS = Parts(
    past=ROWS,
    past_errors=[Error(0, "x", ErrorKind.SIGN)],
    unseen=ROWS,
    wrong=ROWS,
    errors=[Error(1, "x", ErrorKind.NULL), Error(2, "x", ErrorKind.SIGN)],
)
METADATA = {"check": {"function": "is_not_null", "arguments": {"column": "x"}}}
HOLDS = "rules that flag no row of the unseen part"
CAUGHT = "injected errors caught by quiet rules"


def _flags(*rows: int) -> Flags:
    return np.isin(np.arange(10), rows)


def _result(*rules: tuple[Rule, Sequence[Flags]]) -> Result:
    offer = Offer([one for one, _ in rules], _flags(0, 1, 2, 3, 4), 2.0, 1.0)
    return result_of("c", CASE, PARTS, offer, [list(flags) for _, flags in rules])


def _share(words: str, result: Result) -> float | None:
    return SHARES[words]([result])


def test_rows_with_an_error_do_not_speak_against_a_rule() -> None:
    """It flags the wrong row of the past, one that was looked at, and one that was not."""
    result = _result((Rule("x", METADATA), [_flags(0, 1, 9), _flags(), _flags()]))
    (rule,) = result.rules
    assert (rule.looked_at, rule.rest, rule.wrong, rule.holds) == (1, 1, 1, True)


def test_an_error_is_caught_by_a_rule_that_flags_it_for_the_error() -> None:
    quiet = _result((Rule("x", METADATA), [_flags(), _flags(), _flags(1)]))
    assert (_share(HOLDS, quiet), _share(CAUGHT, quiet)) == (1.0, 0.5)
    assert caught_by([quiet], lambda one: one.error) == {"null": (1, 1.0), "sign": (1, 0.0)}


def test_a_rule_that_flags_clean_rows_catches_nothing() -> None:
    loud = _result((Rule("x", METADATA), [_flags(), _flags(5), _flags(1, 2, 5)]))
    assert (_share(HOLDS, loud), _share(CAUGHT, loud)) == (0.0, 0.0)
    assert _share("clean unseen rows flagged by some rule", loud) == 0.1


def test_a_rule_that_flags_every_row_beside_an_error_points_at_none() -> None:
    result = _result((Rule("x", METADATA), [_flags(), _flags(), _flags(*range(10))]))
    assert _share(CAUGHT, result) == 0.0


def test_what_is_held_back_is_judged_and_not_counted() -> None:
    held_back = Rule("x", METADATA, confidence=0.2, offered=False)
    offered = Rule("x", METADATA, confidence=0.9)
    result = _result(
        (held_back, [_flags(), _flags(5), _flags(1)]), (offered, [_flags(), _flags(), _flags()])
    )
    assert (_share(HOLDS, result), _share(CAUGHT, result)) == (1.0, 0.0)
    assert [one.confidence for one in guesses([result], offered=False)] == [0.2, 0.9]
    assert [one.confidence for one in guesses([result], offered=True)] == [0.9]


def test_a_finding_is_no_rule_that_holds_and_is_right_if_most_of_its_rows_are_wrong() -> None:
    finding = Rule("x", METADATA, finding=True)
    right = _result((finding, [_flags(0), _flags(), _flags(1)]))
    assert _share(HOLDS, right) is None
    assert _share("findings whose flagged rows are mostly wrong", right) == 1.0
    assert _share("errors of the past that a finding flags", right) == 1.0
    not_right = _result((finding, [_flags(0, 1), _flags(), _flags()]))
    assert _share("findings whose flagged rows are mostly wrong", not_right) == 0.0


def test_a_result_is_the_same_after_it_was_written() -> None:
    result = _result((Rule("x", METADATA, 0.5), [_flags(), _flags(), _flags(1)]))
    assert from_json(to_json(result)) == result
