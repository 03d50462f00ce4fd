"""A rule as a sentence whose essentials fit into what the backend shows of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker.checks.readable_values import Value
from worker.checks.shorten import in_the_middle

__all__ = ["Sentence", "about", "at_least", "at_most", "between", "one_of", "together"]

_THOUSANDS = ","
_MANY_DIGITS = re.compile(r"(-?)(\d{5,15})((?:\.\d+)?)")
SEEN = 44
"""Characters of a rule that the backend's dialog shows."""
_LEAST_COLUMN = 10
_LEAST_SHARE = 5
_COMMA = ", "
_COLUMN_BEFORE_LIST = 16


@dataclass(frozen=True, slots=True)
class Sentence:
    """What people need in order to judge a rule, and what completes it."""

    essentials: str
    more: str = ""


def about(column: str, words: str, more: str = "", *, of: str = "") -> Sentence:
    """Return a column with words about it; a long column is shortened, the words never."""
    room = max(SEEN - len(of) - len(words) - 1, _LEAST_COLUMN)
    return Sentence(f"{of}{in_the_middle(column, room)} {words}", more)


def together(columns: Sequence[str], words: str, more: str = "") -> Sentence:
    """Return words about several columns, which share the room; their whole names follow."""
    room = (SEEN - len(words) - 1 - len(_COMMA) * (len(columns) - 1)) // len(columns)
    whole = _COMMA.join(columns)
    if len(words) + 1 + len(whole) <= SEEN:
        return Sentence(f"{words} {whole}", more)
    shares = [in_the_middle(column, max(room, _LEAST_SHARE)) for column in columns]
    return Sentence(f"{words} {_COMMA.join(shares)}", f"{more}: {whole}")


def between(column: str, low: Value, high: Value, *, of: str = "", also: str = "") -> Sentence:
    """Return a sentence for a range that includes both bounds."""
    if low == high:
        return _compared(column, low, "is always {}", of=of, also=also)
    # A zone that both have follows once.
    zone = "" if low.zone == high.zone else low.zone
    exact = f"from {_bound(low.text)}{zone} to {_bound(str(high))}"
    return _fitting(column, exact, f"from {low.short} to {high.short}", exact, of=of, also=also)


def at_least(column: str, low: Value, *, of: str = "", also: str = "") -> Sentence:
    """Return a sentence for a lower bound."""
    words = "from {} on" if low.is_time else "at least {}"
    return _compared(column, low, words, of=of, also=also)


def at_most(column: str, high: Value, *, of: str = "", also: str = "") -> Sentence:
    """Return a sentence for an upper bound."""
    words = "up to {}" if high.is_time else "at most {}"
    return _compared(column, high, words, of=of, also=also)


def one_of(column: str, values: Sequence[Value], *, also: str = "", before: str = "") -> Sentence:
    """Return a sentence for a list: its first values, the number of the others, then these."""
    texts = [str(value) for value in values]
    if len(texts) == 1:
        return about(column, f"is {before}always {texts[0]}{also}")
    whole = f"{before}in {', '.join(texts) or 'an empty list'}{also}"
    if _fits(column, whole):
        return about(column, whole)
    column = in_the_middle(column, _COLUMN_BEFORE_LIST)
    words, named = f"{before}in {len(texts)} values{also}", 0
    for count in range(1, len(texts)):
        ahead = f"{before}in {', '.join(texts[:count])} and {len(texts) - count} more{also}"
        if len(column) + 1 + len(ahead) > SEEN:
            break
        words, named = ahead, count
    return Sentence(f"{column} {words}", f": {', '.join(texts[named:])}")


def _compared(column: str, value: Value, words: str, *, of: str, also: str) -> Sentence:
    """Return a sentence whose `words` have a place for the value."""
    exact = _bound(str(value))
    full, short = words.format(exact), words.format(value.short)
    return _fitting(column, full, short, exact, of=of, also=also)


def _fitting(column: str, full: str, short: str, exact: str, *, of: str, also: str) -> Sentence:
    """Return the full words if they fit beside the column, else the short ones before the exact."""
    if full.replace(_THOUSANDS, "") == short or _fits(column, of + full + also):
        return about(column, full + also, of=of)
    return about(column, short + also, f" (exactly {exact})", of=of)


def _bound(text: str) -> str:
    """Return a bound with its thousands apart, if it has many: 45,000. A year has four digits."""
    number = _MANY_DIGITS.fullmatch(text)
    if number is None:
        return text
    return f"{number[1]}{int(number[2]):{_THOUSANDS}}{number[3]}"


def _fits(column: str, words: str) -> bool:
    return min(len(column), _LEAST_COLUMN) + 1 + len(words) <= SEEN
