"""The lines of the report: what was measured, what it should be, and whether it is."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Figure", "Goal", "median_and_p99", "p99", "table"]


@dataclass(frozen=True, slots=True)
class Goal:
    """At most so much."""

    words: str
    met: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One line; without a goal it is there to be compared."""

    what: str
    measured: str
    goal: Goal | None = None


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile by nearest rank: below a hundred values their maximum."""
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


def median_and_p99(values: Sequence[float], unit: str, digits: int) -> str:
    """Return the number of values, their median, 99th percentile and maximum as words."""
    largest = f"max {max(values):.{digits}f} {unit}"
    if len(values) < 100:
        tail = f"p99 = {largest}"
    else:
        tail = f"p99 {p99(values):.{digits}f} {unit}, {largest}"
    return f"median {median(values):.{digits}f} {unit}, {tail}, n = {len(values)}"


def table(figures: Iterable[Figure]) -> str:
    """Return the report as a table of Markdown."""
    rows = [("what", "measured", "goal", "")]
    for figure in figures:
        goal, mark = "", ""
        if figure.goal is not None:
            goal, mark = figure.goal.words, "✓" if figure.goal.met else "✗"
        rows.append((figure.what, figure.measured, goal, mark))
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)
