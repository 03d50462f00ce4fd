r"""Patterns of numbers that are written as text, and how people read them.

A number has no zeros before its first digit: what has them is a code. No part of a pattern can
match a text in two ways, so the time is linear.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["NumberForm", "readable_number"]

_MARKS = {"": "", ".": r"\.", ",": ",", "'": "'", " ": " "}
_UNITS = {"": "", "$": r"\$", "%": "%"}
_NAMES = {",": "a comma", ".": "a point", " ": "a blank", "'": "an apostrophe"}
_PATTERN = re.compile(
    r"\\A(?P<negative>-\?)?(?P<before>(?:\\\$)?)"
    r"\(0\|\[1-9\](?:\[0-9\]\{0,(?P<digits>\d+)\}|\[0-9\]\{0,2\}\((?P<between>\\?.)\[0-9\]\{3\}\)\*)\)"
    r"(?:(?P<open>\()?(?P<mark>\\\.|,)\[0-9\]\{(?P<least>\d+)(?:,(?P<most>\d+))?\}(?(open)\)\?))?"
    r"(?P<after>(?:\\\$|%)?)\\z"
)


@dataclass(frozen=True, slots=True)
class NumberForm:
    """How numbers are written."""

    negative: bool
    """Whether a minus may come first."""
    digits: int
    """The most digits before the decimal mark, if nothing comes between them."""
    places: tuple[int, int]
    """The least and the most decimal places; with 0 the mark may be missing."""
    mark: str = "."
    """Comes before the decimal places."""
    between: str = ""
    """Comes between thousands."""
    before: str = ""
    """A unit that comes before every number."""
    after: str = ""
    """A unit that comes after every number."""

    @property
    def pattern(self) -> str:
        """The pattern of these numbers."""
        sign = "-?" if self.negative else ""
        if self.between:
            digits = rf"[0-9]{{0,2}}({_MARKS[self.between]}[0-9]{{3}})*"
        else:
            digits = rf"[0-9]{{0,{self.digits - 1}}}"
        whole = rf"(0|[1-9]{digits})"
        return rf"\A{sign}{_UNITS[self.before]}{whole}{self._fraction}{_UNITS[self.after]}\z"

    @property
    def _fraction(self) -> str:
        least, most = self.places
        if not most:
            return ""
        if least == most:
            return rf"{_MARKS[self.mark]}[0-9]{{{most}}}"
        some = rf"{_MARKS[self.mark]}[0-9]{{{max(1, least)},{most}}}"
        return some if least else rf"({some})?"


def readable_number(pattern: str) -> tuple[str, str] | None:
    """Return a pattern of numbers in words, and what completes them; None of another pattern."""
    found = _PATTERN.fullmatch(pattern)
    if found is None:
        return None
    return f"is a {_noun(found)}", f" ({', '.join(_details(found))})"


def _details(found: re.Match[str]) -> Iterator[str]:
    if found["digits"]:
        yield f"at most {int(found['digits']) + 1} digits before the decimals"
    else:
        yield f"thousands apart by {_NAMES[found['between'][-1]]}"
    if not found["negative"]:
        yield "no minus"
    if found["mark"] == ",":
        yield "a decimal comma"
    if unit := (found["before"] + found["after"]).removeprefix("\\"):
        yield f"with {unit}"


def _noun(found: re.Match[str]) -> str:
    if not found["mark"]:
        return "whole number"
    places = found["most"] or found["least"]
    up_to = "up to " if found["most"] or found["open"] else ""
    return f"number with {up_to}{places} decimal{'' if places == '1' else 's'}"
