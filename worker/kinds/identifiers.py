"""Numbers that name a thing: keys, account numbers, times of day written as 1730."""

from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.distinct_numbers import Numbers
from worker.kinds.facts import NEARLY_ALL, follows_rows, spread_evenly
from worker.kinds.names import EVENTS, MEASURED

__all__ = ["identifier"]

_MANY = 200
"""Different numbers; of fewer their spread says little."""
_DENSE = 0.5
_HOUR = 100
_LAST_MINUTE = 2359
_TIMES = 60
_UNITS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
_THIS_CENTURY = (946_684_800, 4_102_444_800)
"""From 2000 to 2100, in seconds since 1970."""


def identifier(numbers: Numbers) -> Described | None:
    """Return a key or a code, if whole numbers name something rather than measure it."""
    if not numbers.whole:
        return None
    facts = numbers.facts
    word = facts.name.names_a_thing
    measured = word is None and (facts.name.hint(MEASURED) or facts.name.counts)
    if facts.all_differ and not measured:
        if word:
            return Described(ColumnKind.KEY, f"{facts.differ} and {facts.named(word)}")
        if follows_rows(facts.column.present):
            return Described(
                ColumnKind.KEY, f"{facts.differ} and they follow the order of the rows"
            )
        if spread_evenly(numbers.ordered):
            return Described(
                ColumnKind.KEY, f"{facts.differ} and they are spread evenly, as in a series"
            )
    if word:
        return Described(ColumnKind.CODE, f"whole numbers, and {facts.named(word)}")
    if facts.logical_type == "string":
        kind = ColumnKind.KEY if facts.all_differ else ColumnKind.CODE
        return Described(kind, "the contract calls the numbers texts")
    since = _since_1970(numbers)
    if since:
        return Described(ColumnKind.CODE, f"the numbers read as {since} since 1970")
    if _times_of_day(numbers):
        return Described(ColumnKind.CODE, "the numbers read as hours and minutes of a day")
    if not measured and _series(numbers):
        return Described(
            ColumnKind.CODE, f"{numbers.ordered.size:,} whole numbers fill their span evenly"
        )
    return None


def _since_1970(numbers: Numbers) -> str | None:
    """Return the unit of numbers that read as times of this century and go by the rows or name."""
    for unit, per_second in _UNITS.items():
        if numbers.within(*(per_second * second for second in _THIS_CENTURY)):
            event = numbers.facts.name.hint(EVENTS) or follows_rows(numbers.facts.column.present)
            return unit if event else None
    return None


def _times_of_day(numbers: Numbers) -> bool:
    """Return whether the numbers are like 517 and 2359: no minute is above 59."""
    return (
        numbers.ordered.size > _TIMES
        and numbers.within(0, _LAST_MINUTE + 1)
        and numbers.high > _LAST_MINUTE / 2
        and numbers.share(numbers.ordered % _HOUR < _TIMES) >= NEARLY_ALL
    )


def _series(numbers: Numbers) -> bool:
    """Return whether most numbers between the ends occur, and about as often, as of accounts."""
    return (
        numbers.ordered.size >= _MANY
        and numbers.ordered.size >= _DENSE * (numbers.high - numbers.low + 1)
        and spread_evenly(numbers.ordered)
        and spread_evenly(numbers.ordered, numbers.counts)
    )
