"""Writes figures as tables of Markdown: a column for each contender, random split / time order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

from tests.bench_suggestions.calibration import (
    brier_share,
    calibration_error,
    worst_bucket,
)
from tests.bench_suggestions.cases import CLEAN, Split
from tests.bench_suggestions.goals import SHARES, by_group, caught_by, guesses, rules_of
from tests.bench_suggestions.results import ErrorResult, Result, RuleResult

__all__ = ["report"]

_NONE = "-"
Cell = Callable[[Sequence[Result]], str]


def report(results: Sequence[Result], contenders: Sequence[str]) -> str:
    """Return all tables of these results."""
    clean = [one for one in results if one.dirt == str(CLEAN)]
    dirts = list(dict.fromkeys(one.dirt for one in results if one.dirt != str(CLEAN)))
    sections = [("The goals", _table(clean, contenders, _goals()))]
    sections += [
        (f"With {dirt}", _table([r for r in results if r.dirt == dirt], contenders, _shares()))
        for dirt in dirts
    ]
    sections += [
        (
            "Offered rules and the share that holds, by function",
            _table(clean, contenders, _rule_rows(clean, lambda one: one.function)),
        ),
        (
            "Offered rules and the share that holds, by kind of column",
            _table(clean, contenders, _rule_rows(clean, lambda one: one.kind)),
        ),
        (
            "Errors caught by quiet rules, by kind of error",
            _table(clean, contenders, _error_rows(clean, lambda one: one.error)),
        ),
        (
            "Errors caught by quiet rules, by kind of column",
            _table(clean, contenders, _error_rows(clean, lambda one: one.kind)),
        ),
    ]
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in sections)


def _goals() -> Mapping[str, Cell]:
    return {
        **_shares(),
        "suggestions a column": _a_column,
        "calibration error, all candidates": _of_guesses(calibration_error, _two, offered=False),
        "calibration error, offered": _of_guesses(calibration_error, _two, offered=True),
        "Brier score as a share of the constant's, all candidates": _of_guesses(
            brier_share, _two, offered=False
        ),
        "worst bucket in standard errors, all candidates": _of_guesses(
            lambda found: worst_bucket(found).deviation, _one, offered=False
        ),
        "time beyond the profile, as a share of it": _beyond,
    }


def _shares() -> Mapping[str, Cell]:
    return {words: _percent_of(figure) for words, figure in SHARES.items()}


def _percent_of(figure: Callable[[Sequence[Result]], float | None]) -> Cell:
    return lambda results: _percent(figure(results))


def _of_guesses(
    figure: Callable[..., float], written: Callable[[float], str], *, offered: bool
) -> Cell:
    def cell(results: Sequence[Result]) -> str:
        found = guesses(results, offered=offered)
        return written(figure(found)) if found else _NONE

    return cell


def _a_column(results: Sequence[Result]) -> str:
    columns = sum(one.columns for one in results)
    found = len(rules_of(results)) + len(rules_of(results, findings=True))
    return _two(found / columns) if columns else _NONE


def _beyond(results: Sequence[Result]) -> str:
    shares = [one.beyond_seconds / one.profile_seconds for one in results if one.profile_seconds]
    return _two(median(shares)) if shares else _NONE


def _rule_rows(results: Sequence[Result], group: Callable[[RuleResult], str]) -> Mapping[str, Cell]:
    def cell(name: str) -> Cell:
        def of(found: Sequence[Result]) -> str:
            rules = by_group(found, group).get(name, [])
            held = sum(one.holds for one in rules)
            return f"{len(rules)}: {_percent(held / len(rules))}" if rules else _NONE

        return of

    return {name: cell(name) for name in by_group(results, group)}


def _error_rows(
    results: Sequence[Result], group: Callable[[ErrorResult], str]
) -> Mapping[str, Cell]:
    def cell(name: str) -> Cell:
        def of(found: Sequence[Result]) -> str:
            caught = caught_by(found, group).get(name)
            return _NONE if caught is None else _percent(caught[1])

        return of

    return {name: cell(name) for name in caught_by(results, group)}


def _table(results: Sequence[Result], contenders: Sequence[str], rows: Mapping[str, Cell]) -> str:
    lines = [_line(["", *contenders]), "|" + "---|" * (len(contenders) + 1)]
    splits = {
        (one, split): [r for r in results if r.contender == one and r.split == split]
        for one in contenders
        for split in Split
    }
    for words, cell in rows.items():
        cells = [[cell(splits[one, split]) for split in Split] for one in contenders]
        if any(text != _NONE for both in cells for text in both):
            lines.append(_line([words, *(" / ".join(both) for both in cells)]))
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _percent(value: float | None) -> str:
    if value is None:
        return _NONE
    percent = 100 * value
    # Where the goals are, a tenth or a hundredth counts.
    digits = 0 if percent in {0, 100} or 10 <= percent < 90 else 2 if percent < 1 else 1
    return f"{percent:.{digits}f} %"


def _two(value: float) -> str:
    return f"{value:.2f}"


def _one(value: float) -> str:
    return f"{value:.1f}"
