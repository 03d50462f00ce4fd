"""What became of a contender's rules in a case: plain values, so that they can be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tests.bench_suggestions.apply import Flagged
from tests.bench_suggestions.cases import Case, Parts
from tests.bench_suggestions.inject import Error
from tests.bench_suggestions.rule import Flags, Offer
from worker.kinds.column_kind import ColumnKind

__all__ = ["QUIET", "ErrorResult", "Result", "RuleResult", "from_json", "result_of", "to_json"]

QUIET = 0.001
"""The share of clean unseen rows that a quiet rule flags at most."""
_FEW = 0.5
"""A rule that flags this share of the rows that are right, beside wrong ones, points at no row."""


@dataclass(frozen=True)
class RuleResult:
    """One rule. Counts are rows that it flags."""

    function: str
    column: str
    kind: str
    confidence: float | None
    offered: bool
    finding: bool
    looked_at: int
    """Of the right rows that the contender looked at."""
    rest: int
    """Of the other right rows of the past."""
    wrong: int
    """Of the rows of the past with an error."""
    unseen: int
    """Of the clean unseen rows."""

    @property
    def holds(self) -> bool:
        """Whether no clean row of the next load is flagged."""
        return self.unseen == 0


@dataclass(frozen=True)
class ErrorResult:
    """One error that was put into an unseen row, or into the past."""

    error: str
    column: str
    kind: str
    """Of the column."""
    caught: bool


@dataclass(frozen=True)
class Result:
    """One contender in one case."""

    contender: str
    table: str
    fold: str
    split: str
    dirt: str
    seed: int
    columns: int
    rules: Sequence[RuleResult]
    unseen_rows: int
    unseen_flagged: int
    """Clean unseen rows that some offered rule flags."""
    errors: Sequence[ErrorResult]
    """Of the unseen rows; caught by a rule that is offered and quiet."""
    past_errors: Sequence[ErrorResult]
    """Caught by a finding."""
    profile_seconds: float
    beyond_seconds: float


def result_of(contender: str, case: Case, parts: Parts, offer: Offer, flagged: Flagged) -> Result:
    """Return what became of an offer; `flagged` has the past, the unseen and the wrong rows."""
    past_is_wrong = _at(parts.past_errors, parts.past.num_rows)
    is_wrong = _at(parts.errors, parts.wrong.num_rows)
    kinds = case.table.kinds
    rules: list[RuleResult] = []
    some = np.zeros(parts.unseen.num_rows, dtype=bool)
    caught = np.zeros(parts.wrong.num_rows, dtype=bool)
    found = np.zeros(parts.past.num_rows, dtype=bool)
    for rule, (past, unseen, wrong) in zip(offer.rules, flagged, strict=True):
        right = past & ~past_is_wrong
        rules.append(
            RuleResult(
                rule.function,
                rule.column,
                # A key of two columns is of neither.
                str(kinds.get(rule.column, ColumnKind.KEY)),
                rule.confidence,
                rule.offered,
                rule.finding,
                looked_at=int((right & offer.looked_at).sum()),
                rest=int((right & ~offer.looked_at).sum()),
                wrong=int((past & past_is_wrong).sum()),
                unseen=int(unseen.sum()),
            )
        )
        if not rule.offered:
            continue
        some |= unseen
        if unseen.mean() <= QUIET and wrong[~is_wrong].mean() < _FEW:
            # A row that was flagged before it had an error was not flagged for the error.
            caught |= wrong & ~unseen
        if rule.finding:
            found |= past
    return Result(
        contender=contender,
        table=case.table.name,
        fold=str(case.table.fold),
        split=str(case.split),
        dirt=str(case.dirt),
        seed=case.seed,
        columns=parts.past.num_columns,
        rules=rules,
        unseen_rows=parts.unseen.num_rows,
        unseen_flagged=int(some.sum()),
        errors=_told(parts.errors, caught, kinds),
        past_errors=_told(parts.past_errors, found, kinds),
        profile_seconds=offer.profile_seconds,
        beyond_seconds=offer.beyond_seconds,
    )


def to_json(result: Result) -> dict[str, Any]:
    """Return a result as JSON has it."""
    return asdict(result)


def from_json(values: Mapping[str, Any]) -> Result:
    """Return the result that was written."""
    lists = {
        "rules": [RuleResult(**one) for one in values["rules"]],
        "errors": [ErrorResult(**one) for one in values["errors"]],
        "past_errors": [ErrorResult(**one) for one in values["past_errors"]],
    }
    return Result(**{**values, **lists})


def _at(errors: Sequence[Error], rows: int) -> Flags:
    flags = np.zeros(rows, dtype=bool)
    flags[[one.row for one in errors]] = True
    return flags


def _told(
    errors: Sequence[Error], caught: Flags, kinds: Mapping[str, str]
) -> Sequence[ErrorResult]:
    return [
        ErrorResult(str(one.kind), one.column, str(kinds[one.column]), bool(caught[one.row]))
        for one in errors
    ]
