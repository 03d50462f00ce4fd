"""The figures of a contender. Each is a pure function of results.

Rules are pooled: each counts once. Rows and errors are shares of a case, of which the mean is
taken: each table counts once, however large it is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import mean

from tests.bench_suggestions.calibration import Guess
from tests.bench_suggestions.results import ErrorResult, Result, RuleResult

__all__ = [
    "SHARES",
    "by_group",
    "caught_by",
    "guesses",
    "rules_of",
    "share",
]


def share(flags: Iterable[bool]) -> float | None:
    """Return the share that is true; None of nothing."""
    found = list(flags)
    return sum(found) / len(found) if found else None


def rules_of(results: Iterable[Result], *, findings: bool = False) -> list[RuleResult]:
    """Return the offered rules, or the findings."""
    return [
        rule for one in results for rule in one.rules if rule.offered and rule.finding is findings
    ]


def _flag_looked_at(results: Sequence[Result]) -> float | None:
    return share(one.looked_at > 0 for one in rules_of(results))


def _flag_rest(results: Sequence[Result]) -> float | None:
    return share(one.rest > 0 for one in rules_of(results))


def _hold(results: Sequence[Result]) -> float | None:
    return share(one.holds for one in rules_of(results))


def _clean_flagged(results: Sequence[Result]) -> float | None:
    return _mean(one.unseen_flagged / one.unseen_rows for one in results)


def _caught(results: Sequence[Result]) -> float | None:
    return _mean(share(error.caught for error in one.errors) for one in results)


def _really_wrong(results: Sequence[Result]) -> float | None:
    """Return the share of findings of which most flagged rows of the past are wrong."""
    flagging = [
        one for one in rules_of(results, findings=True) if one.looked_at + one.rest + one.wrong
    ]
    return share(one.wrong > one.looked_at + one.rest for one in flagging)


def _found(results: Sequence[Result]) -> float | None:
    if not rules_of(results, findings=True):
        return None
    return _mean(share(error.caught for error in one.past_errors) for one in results)


SHARES: Mapping[str, Callable[[Sequence[Result]], float | None]] = {
    "offered rules that flag a row that was looked at": _flag_looked_at,
    "offered rules that flag a row of the rest of the past": _flag_rest,
    "rules that flag no row of the unseen part": _hold,
    "clean unseen rows flagged by some rule": _clean_flagged,
    "injected errors caught by quiet rules": _caught,
    "findings whose flagged rows are mostly wrong": _really_wrong,
    "errors of the past that a finding flags": _found,
}
"""Each share by its words."""


def by_group(
    results: Sequence[Result], group: Callable[[RuleResult], str]
) -> Mapping[str, list[RuleResult]]:
    """Return the offered rules by function, or by kind of column."""
    found: defaultdict[str, list[RuleResult]] = defaultdict(list)
    for rule in rules_of(results):
        found[group(rule)].append(rule)
    return dict(sorted(found.items()))


def caught_by(
    results: Sequence[Result], group: Callable[[ErrorResult], str]
) -> Mapping[str, tuple[int, float]]:
    """Return the number of errors and the share that is caught, by kind of error or of column."""
    found: defaultdict[str, list[bool]] = defaultdict(list)
    for one in results:
        for error in one.errors:
            found[group(error)].append(error.caught)
    return {name: (len(flags), sum(flags) / len(flags)) for name, flags in sorted(found.items())}


def guesses(results: Sequence[Result], *, offered: bool) -> list[Guess]:
    """Return the confidences of all candidates, or of those that are offered."""
    return [
        Guess(rule.confidence, rule.holds, one.table)
        for one in results
        for rule in one.rules
        if rule.confidence is not None and not rule.finding and (rule.offered or not offered)
    ]


def _mean(shares: Iterable[float | None]) -> float | None:
    known = [one for one in shares if one is not None]
    return mean(known) if known else None
