"""Counts the steps in which an engine that backtracks, such as Java's, matches a pattern."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

__all__ = ["steps"]

_parser: Any = re._parser  # type: ignore[attr-defined]
Then = Callable[[int], bool]
"""Returns whether the rest of the pattern matches from a position on."""


def steps(pattern: str, text: str) -> tuple[int, bool]:
    """Return the number of steps, and whether the pattern matches at the text's beginning."""
    counter = _Counter(text)
    with _deep_recursion():
        matches = counter.sequence(list(_parser.parse(pattern)), 0, lambda _: True)
    return counter.steps, matches


class _Counter:
    def __init__(self, text: str) -> None:
        self.text = text
        self.steps = 0

    def sequence(self, parts: Sequence[Any], at: int, then: Then) -> bool:
        self.steps += 1
        if not parts:
            return then(at)
        (operation, argument), *rest = parts

        def after(position: int) -> bool:
            return self.sequence(rest, position, then)

        match str(operation):
            case "AT":
                ends = {"AT_BEGINNING_STRING": 0, "AT_END_STRING": len(self.text)}
                return at == ends[str(argument)] and after(at)
            case "SUBPATTERN":
                return self.sequence(list(argument[3]), at, after)
            case "BRANCH":
                return any(self.sequence(list(one), at, after) for one in argument[1])
            case "MAX_REPEAT":
                least, most, inner = argument
                return self.repeat(list(inner), (least, int(most)), at, after)
            case "LITERAL" | "IN" | "NOT_LITERAL":
                return (
                    at < len(self.text)
                    and _has(operation, argument, self.text[at])
                    and after(at + 1)
                )
        raise NotImplementedError(operation)

    def repeat(self, inner: Sequence[Any], times: tuple[int, int], at: int, then: Then) -> bool:
        least, most = times
        fewer = (max(0, least - 1), most - 1)

        def again(position: int) -> bool:
            return position > at and self.repeat(inner, fewer, position, then)

        return (most > 0 and self.sequence(inner, at, again)) or (not least and then(at))


def _has(operation: Any, argument: Any, letter: str) -> bool:
    match str(operation):
        case "LITERAL":
            return ord(letter) == int(argument)
        case "NOT_LITERAL":
            return ord(letter) != int(argument)
        case "RANGE":
            return int(argument[0]) <= ord(letter) <= int(argument[1])
        case "CATEGORY":
            return letter.isspace() == (str(argument) == "CATEGORY_SPACE")
    negated = str(argument[0][0]) == "NEGATE"
    return any(_has(kind, one, letter) for kind, one in argument[negated:]) != negated


@contextmanager
def _deep_recursion() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
