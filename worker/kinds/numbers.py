"""What a column of numbers is."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.distinct_numbers import Numbers
from worker.kinds.facts import ENOUGH, Facts
from worker.kinds.identifiers import identifier
from worker.kinds.names import (
    AMOUNTS,
    CALENDAR,
    CATEGORIES,
    DURATIONS,
    LATITUDES,
    LONGITUDES,
    PERCENTAGES,
    SHARES,
    YEARS,
)

__all__ = ["describe_numbers"]

_PAIR = 2
_SOME = 4
_FEW = 12
"""Different values."""
_OFTEN = 30
"""Rows for each value of a category."""
_LEAST_YEAR, _LAST_YEAR = 1000, 2200
_RECENT_YEARS = (1900, 2100)
_LONGEST_CALENDAR = 366
_TOPS = (1, 100)
"""Of shares, the whole."""
_NEAR_THE_TOP = 0.99
_SOME_ABOVE = 0.02
_CENTS = 2


def describe_numbers(facts: Facts) -> Described:
    """Return what the numbers are: the first of the kinds below that fits."""
    numbers = Numbers(facts)
    for kind in _KINDS:
        found = kind(numbers)
        if found is not None:
            return found
    return Described(ColumnKind.MEASURE, f"{facts.few}, from a scale")


def _coordinate(numbers: Numbers) -> Described | None:
    facts = numbers.facts
    for words, bound in ((LATITUDES, 90), (LONGITUDES, 180)):
        word = facts.name.hint(words)
        if word and numbers.within(-bound, bound):
            reason = f"no value is beyond ±{bound}, and {facts.named(word)}"
            return Described(ColumnKind.COORDINATE, reason)
    return None


def _year(numbers: Numbers) -> Described | None:
    facts = numbers.facts
    word = facts.name.hint(YEARS)
    if not numbers.whole:
        return None
    if word and numbers.within(_LEAST_YEAR, _LAST_YEAR):
        return Described(ColumnKind.YEAR, f"whole numbers like years, and {facts.named(word)}")
    steps = np.diff(numbers.ordered)
    if (
        numbers.within(*_RECENT_YEARS)
        and steps.size >= _SOME
        and np.all(steps == steps[0])
        and facts.values >= _OFTEN * facts.usual
    ):
        return Described(ColumnKind.YEAR, "whole numbers at equal steps within two centuries")
    return None


def _constant(numbers: Numbers) -> Described | None:
    return numbers.facts.constant


def _flag(numbers: Numbers) -> Described | None:
    facts = numbers.facts
    if numbers.ordered.size > _PAIR or facts.usual > _PAIR:
        return None
    most_frequent = facts.column.counts[0].slice(0, _PAIR).to_pylist()
    if set(most_frequent) == {0, 1} and facts.values >= ENOUGH:
        return Described(ColumnKind.FLAG, "the values are 0 and 1")
    if facts.logical_type == "boolean":
        return Described(ColumnKind.FLAG, "two values, and the contract says boolean")
    return None


def _part_of_a_date(numbers: Numbers) -> Described | None:
    facts = numbers.facts
    word = facts.name.hint(CALENDAR)
    few = numbers.whole and numbers.within(0, _LONGEST_CALENDAR) and _each_has(facts, rows=3)
    return (
        Described(ColumnKind.CATEGORY, f"{facts.few}; {facts.named(word)}")
        if word and few
        else None
    )


def _counted(numbers: Numbers) -> Described | None:
    facts = numbers.facts
    if not numbers.whole or numbers.low < 0:
        return None
    word = facts.name.counts
    if word:
        return Described(ColumnKind.COUNT, f"whole numbers, and {facts.named(word)}")
    if facts.name.plural and not facts.name.hint(AMOUNTS | DURATIONS):
        return Described(ColumnKind.COUNT, "whole numbers, and the name is a plural")
    return None


def _category_by_name(numbers: Numbers) -> Described | None:
    facts = numbers.facts
    last = facts.name.words[-1:]
    if CATEGORIES.isdisjoint(last) or not numbers.whole or not _each_has(facts, _OFTEN):
        return None
    return Described(ColumnKind.CATEGORY, f"{facts.few}; {facts.named(last[0])}")


def _paid(numbers: Numbers) -> Described | None:
    facts = numbers.facts
    word = facts.name.hint(AMOUNTS)
    if word and not facts.name.hint(SHARES):
        return Described(ColumnKind.AMOUNT, facts.named(word))
    return None


def _category(numbers: Numbers) -> Described | None:
    facts = numbers.facts
    if facts.usual > (_FEW if numbers.whole else _SOME) or not _each_has(facts, _OFTEN):
        return None
    if numbers.whole and numbers.low in (0, 1) and numbers.decays and facts.usual >= _SOME:
        return Described(ColumnKind.COUNT, "whole numbers from 0 or 1, the greater the rarer")
    if numbers.thins_out:
        return None
    return Described(ColumnKind.CATEGORY, facts.few)


def _share(numbers: Numbers) -> Described | None:
    facts = numbers.facts
    word = facts.name.hint(SHARES)
    for top in _TOPS:
        if top > 1:
            word = facts.name.hint(PERCENTAGES)
        if word and numbers.within(0, top):
            reason = f"hardly a value is beyond 0 to {top}, and {facts.named(word)}"
            return Described(ColumnKind.SHARE, reason)
        close = numbers.all_within(0, top) and numbers.greatest >= _NEAR_THE_TOP * top
        if close and not numbers.whole and numbers.share_above >= _SOME_ABOVE:
            return Described(ColumnKind.SHARE, f"the values fill 0 to {top}, and none is beyond")
    return None


def _lasting(numbers: Numbers) -> Described | None:
    word = numbers.facts.name.hint(DURATIONS)
    return Described(ColumnKind.DURATION, numbers.facts.named(word)) if word else None


def _money_by_type(numbers: Numbers) -> Described | None:
    kind = numbers.facts.column.values.type
    if pa.types.is_decimal(kind) and kind.scale == _CENTS:
        return Described(ColumnKind.AMOUNT, "the type has two decimals")
    return None


def _small_counts(numbers: Numbers) -> Described | None:
    if numbers.whole and numbers.low in (0, 1):
        return Described(ColumnKind.COUNT, "whole numbers from 0 or 1")
    return None


def _each_has(facts: Facts, rows: int) -> bool:
    """Return whether there are so many rows for each of the usual values."""
    return facts.values >= max(ENOUGH, rows * facts.usual)


_KINDS: tuple[Callable[[Numbers], Described | None], ...] = (
    _coordinate,
    _year,
    _flag,
    _constant,
    _part_of_a_date,
    identifier,
    _counted,
    _category_by_name,
    _paid,
    _category,
    _share,
    _lasting,
    _money_by_type,
    _small_counts,
)
