r"""The patterns that the worker suggests for texts, and how people read them.

They are anchored with \A and \z, as DQX's own are: in Java `$` also matches before a line break at
the end. Blanks are listed: a vertical tab is one to Java, and none to RE2. No part of a pattern can
match a text in two ways, so the time is linear.
"""

import re

from worker.patterns import letter_cases
from worker.patterns.number_patterns import readable_number
from worker.patterns.readable_characters import GARBLED, UNREADABLE

__all__ = [
    "ASCII",
    "BEGINS_LARGE",
    "CAPITALS",
    "DIGITS",
    "NO_CAPITALS",
    "ONE_LINE",
    "PADDED",
    "PADDED_NO_CAPITALS",
    "PADDED_READABLE",
    "READABLE",
    "TRIMMED",
    "WITH_LENGTH",
    "readable_pattern",
    "up_to",
    "word_of",
]

ASCII = r"\A[!-~]([ -~]*[!-~])?\z"
"""Printable ASCII characters, none of them a blank at the beginning or the end."""
NO_CAPITALS = r"\A[!-@\[-~]([ -@\[-~]*[!-@\[-~])?\z"
"""The same without capital letters."""
CAPITALS = r"\A[!-`\{-~]([ -`\{-~]*[!-`\{-~])?\z"
"""The same without small letters."""
BEGINS_LARGE = r"\A[!-`\{-~]([ -~]*[!-~])?\z"
"""The same, but the first character is no small letter."""
PADDED = r"\A[ -~]*\z"
"""Printable ASCII characters."""
PADDED_NO_CAPITALS = r"\A[ -@\[-~]*\z"
"""The same without capital letters."""
_NOT_AT_ENDS = rf" \x{{A0}}{UNREADABLE}{GARBLED}"
ONE_LINE = rf"\A[^{_NOT_AT_ENDS}]([^{UNREADABLE}{GARBLED}]*[^{_NOT_AT_ENDS}])?\z"
"""One line in the right encoding without blanks around it."""
_IN_LINES = r"\x{00}-\x{08}\x{0B}\x{0C}\x{0E}-\x{1F}\x{7F}-\x{9F}\x{FFFD}" + GARBLED
READABLE = rf"\A[^{_NOT_AT_ENDS}]([^{_IN_LINES}]*[^{_NOT_AT_ENDS}])?\z"
"""The same, of any number of lines."""
PADDED_READABLE = rf"\A[^{_IN_LINES}]*\z"
"""Any lines in the right encoding."""
TRIMMED = r"\A[^\t-\r ]([\s\S]*[^\t-\r ])?\z"
"""Any text without blanks around it."""

DIGITS = "[0-9]"
"""What names and other words avoid."""

_NO_BLANKS = " (no blanks around)"
_WORDS = {
    ASCII: ("is plain ASCII, no blanks around", ""),
    NO_CAPITALS: ("is ASCII, no capitals, trimmed", ""),
    BEGINS_LARGE: ("is ASCII, no small first letter", _NO_BLANKS),
    CAPITALS: ("is ASCII in capitals, trimmed", ""),
    PADDED: ("is plain ASCII", ""),
    PADDED_NO_CAPITALS: ("is plain ASCII without capitals", ""),
    ONE_LINE: ("is one line, no blanks around", ""),
    READABLE: ("is readable, no blanks around", " (no control or garbled characters)"),
    PADDED_READABLE: ("is readable", " (no control or garbled characters)"),
    TRIMMED: ("has no blanks around", ""),
    letter_cases.TITLE: (
        "begins each word with a capital",
        " (and has no other, ASCII, no blanks around)",
    ),
    letter_cases.WORDS: (
        "has capitals only to begin words",
        " (a capital first, ASCII, no blanks around)",
    ),
    letter_cases.ONE_LINE_TITLE: (
        "begins each word with a capital",
        " (and has no other, no blanks around)",
    ),
    letter_cases.ONE_LINE_WORDS: (
        "has capitals only to begin words",
        " (a capital first, no blanks around)",
    ),
    letter_cases.MIXED: (
        "is ASCII, not all in capitals",
        " (no small letter first, no blanks around)",
    ),
    letter_cases.NOT_CAPITALS: ("is ASCII, not all in capitals", _NO_BLANKS),
    letter_cases.PADDED_NOT_CAPITALS: ("is ASCII, not all in capitals", ""),
    letter_cases.ONE_LINE_NO_CAPITALS: ("is one line, no capitals, trimmed", ""),
    letter_cases.ONE_LINE_CAPITALS: ("is one line in capitals, trimmed", ""),
    letter_cases.ONE_LINE_BEGINS_LARGE: ("is one line, no small first letter", _NO_BLANKS),
    letter_cases.ONE_LINE_MIXED: (
        "is one line, not all in capitals",
        " (no small letter first, no blanks around)",
    ),
    letter_cases.ONE_LINE_NOT_CAPITALS: ("is one line, not all in capitals", _NO_BLANKS),
}
"""In words, and what completes them."""
_BEFORE_LENGTH = {
    ASCII: ("is plain ASCII", ""),
    NO_CAPITALS: ("is lower ASCII", ""),
    BEGINS_LARGE: ("is ASCII", "no small letter first, "),
    CAPITALS: ("is upper ASCII", ""),
    ONE_LINE: ("is one line", ""),
    READABLE: ("is readable", "no control or garbled characters, "),
    TRIMMED: ("is trimmed", ""),
}
"""Shorter words of the patterns that may have a length, and what completes them."""
_INNER = re.compile(r"\{0,(\d+)\}")
_ENDS = 2
"""Characters beside the inner ones: the first and the last."""
_WORD = re.compile(r"\\A\[((?:\\-|[\w-])+)\]\{(\d+)(?:,(\d+))?\}\\z", re.ASCII)
_RANGES = re.compile(r"\w-\w|\\?[\w-]")
_PIECE = re.compile(
    r"\[(?P<kind>0-9|A-Z|a-z)\](?:\{(?P<least>\d+)(?:,(?P<most>\d+))?\}|(?P<any>\+))?"
    r"|\\(?P<escaped>[^\w\s])"
    r"|(?P<plain>[\w\s:;=@!\"'<>,/%`])"
)
_LETTERS = {"0-9": "d", "A-Z": "A", "a-z": "a"}
_SPELLED_OUT = 12
"""The most letters for a run; a longer one is shown by its length, as d*20."""


WITH_LENGTH = frozenset(_BEFORE_LENGTH)
"""The patterns that may have a length."""


def up_to(pattern: str, most: int) -> str:
    """Return one of the patterns of `WITH_LENGTH` for at most so many characters, two or more."""
    return pattern.replace("*", f"{{0,{most - _ENDS}}}")


def word_of(characters: str, least: int, most: int) -> str:
    """Return the pattern of words of some characters, given as in a class, and some length."""
    length = f"{least}" if least == most else f"{least},{most}"
    return rf"\A[{characters}]{{{length}}}\z"


def readable_pattern(pattern: str) -> tuple[str, str] | None:
    r"""Return a pattern in words, and what completes them; None if it is none of the worker's.

    Of shapes: `has the form K-dddddd`. There, `d` is a digit, `A` a capital and `a` a small letter;
    `ddd…`: three or more.
    """
    return _text(pattern) or readable_number(pattern) or _word(pattern) or _shape(pattern)


def _text(pattern: str) -> tuple[str, str] | None:
    if (known := _WORDS.get(pattern)) is not None:
        return known
    inner = _INNER.search(pattern)
    found = _BEFORE_LENGTH.get(pattern.replace(inner[0], "*")) if inner else None
    if inner is None or found is None:
        return None
    words, also = found
    return f"{words}, up to {int(inner[1]) + _ENDS:,} long", f" ({also}no blanks around)"


def _word(pattern: str) -> tuple[str, str] | None:
    found = _WORD.fullmatch(pattern)
    if found is None or found[1] in _LETTERS:
        return None
    least, most = found[2], found[3] or found[2]
    length = f"{most} characters" if least == most else f"{least} to {most} characters"
    ranges = [one.replace("\\", "") for one in _RANGES.findall(found[1])]
    return f"has {length}", f" (of {', '.join(ranges)})"


def _shape(pattern: str) -> tuple[str, str] | None:
    if not (pattern.startswith(r"\A") and pattern.endswith(r"\z")):
        return None
    inner = pattern.removeprefix(r"\A").removesuffix(r"\z")
    parts = inner[1:-1].split("|") if inner[:1] == "(" and inner[-1:] == ")" else [inner]
    forms = [_form(one) for one in parts]
    if any(one is None for one in forms):
        return None
    return "has the form " + " or ".join(str(one) for one in forms), ""


def _form(part: str) -> str | None:
    """Return the form of a sequence of classes and characters; None if it is anything else."""
    form, position = "", 0
    while position < len(part):
        piece = _PIECE.match(part, position)
        if piece is None:
            return None
        form += _run(piece) if piece["kind"] else piece["escaped"] or piece["plain"]
        position = piece.end()
    return form or None


def _run(piece: re.Match[str]) -> str:
    letter, least = _LETTERS[piece["kind"]], int(piece["least"] or 1)
    run = letter * least if least <= _SPELLED_OUT else f"{letter}*{least}"
    return f"{run}…" if piece["most"] or piece["any"] else run
