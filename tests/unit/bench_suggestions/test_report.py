"""The tables that the bench prints."""

from tests.bench_suggestions.cases import CLEAN, Dirt
from tests.bench_suggestions.report import report
from tests.bench_suggestions.results import ErrorResult, Result, RuleResult


def _result(
    split: str, *unseen: int, dirt: Dirt = CLEAN, confidence: float | None = None
) -> Result:
    rules = [
        RuleResult("is_not_null", "x", "measure", confidence, True, False, 0, 0, 0, flagged)
        for flagged in unseen
    ]
    errors = [ErrorResult("null", "x", "measure", caught=True)]
    return Result(
        "c", "t", "development", split, str(dirt), 1, 2, rules, 100, max(unseen), errors, (), 2, 1
    )


def test_a_cell_is_the_random_split_and_the_order_of_time() -> None:
    lines = report([_result("random", 0, 0, 5), _result("time", 5)], ["c"]).splitlines()
    assert "| rules that flag no row of the unseen part | 67 % / 0 % |" in lines
    assert "| clean unseen rows flagged by some rule | 5.0 % / 5.0 % |" in lines
    assert "| suggestions a column | 1.50 / 0.50 |" in lines
    assert "| is_not_null | 3: 67 % / 1: 0 % |" in lines
    assert "| null | 100 % / 100 % |" in lines
    assert "| time beyond the profile, as a share of it | 0.50 / 0.50 |" in lines


def test_a_contender_without_confidence_has_no_calibration() -> None:
    assert "calibration" not in report([_result("random", 0)], ["c"])
    sure = report([_result("random", 0, 0, confidence=0.9)], ["c"])
    assert "| calibration error, offered | 0.10 / - |" in sure.splitlines()


def test_a_dirty_past_has_a_table_of_its_own() -> None:
    dirty = _result("random", 5, dirt=Dirt(0.02, one_column=True))
    text = report([_result("random", 0), dirty], ["c"])
    clean, others = text.split("### With 2 % wrong rows in one column")
    assert "| rules that flag no row of the unseen part | 100 % / - |" in clean
    assert "| rules that flag no row of the unseen part | 0 % / - |" in others
