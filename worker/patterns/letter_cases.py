r"""Patterns of texts by their case: capitals only where words begin, or not capitals alone.

Each is there for ASCII and for letters of any script. A capital of any script is what is neither a
small letter nor one of the characters that are no letters.
"""

from worker.patterns.readable_characters import GARBLED, UNREADABLE

__all__ = [
    "LONGEST_OF_WORDS",
    "MIXED",
    "NOT_CAPITALS",
    "ONE_LINE_BEGINS_LARGE",
    "ONE_LINE_CAPITALS",
    "ONE_LINE_MIXED",
    "ONE_LINE_NOT_CAPITALS",
    "ONE_LINE_NO_CAPITALS",
    "ONE_LINE_TITLE",
    "ONE_LINE_WORDS",
    "PADDED_NOT_CAPITALS",
    "TITLE",
    "WORDS",
]

LONGEST_OF_WORDS = 60
"""Characters of texts for which the patterns of words are meant. So they have at most 30 words."""
_MORE_WORDS = LONGEST_OF_WORDS // 2 - 1


def _of_words(first: str, others: str, small: str, apart: str) -> str:
    """Return the pattern of words; `apart` are the characters between them, beside blanks."""
    before = f"([{apart}][ {apart}]*)?"
    more = f"([ {apart}]+{others}{small}*){{0,{_MORE_WORDS}}}"
    return rf"\A{before}{first}{small}*{more}([ {apart}]*[{apart}])?\z"


_APART = r"!-@\[-`\{-~"
"""Characters of ASCII that are no letters, but the blank."""
_APART_ANYWHERE = _APART + r"\x{2010}-\x{201F}"
"""The same, and dashes and quotation marks."""
_NO_LETTERS = rf" {_APART_ANYWHERE}\x{{A0}}{UNREADABLE}{GARBLED}"
_LARGE = rf"[^\p{{Ll}}{_NO_LETTERS}]"

TITLE = _of_words("[A-Z]", "[A-Z]", "[a-z]", _APART)
"""ASCII words that each begin with a capital and have no other, without blanks around."""
WORDS = _of_words("[A-Z]", "[A-Za-z]", "[a-z]", _APART)
"""The same, but words after the first may be small."""
ONE_LINE_TITLE = _of_words(_LARGE, _LARGE, r"[\p{Ll}]", _APART_ANYWHERE)
ONE_LINE_WORDS = _of_words(_LARGE, f"[^{_NO_LETTERS}]", r"[\p{Ll}]", _APART_ANYWHERE)

MIXED = r"\A[!-`\{-~][ -`\{-~]*[a-z]([ -~]*[!-~])?\z"
"""ASCII without blanks around; the first character is no small letter, a later one is."""
NOT_CAPITALS = r"\A([!-`\{-~][ -`\{-~]*)?[a-z]([ -~]*[!-~])?\z"
"""The same, but the first character may be a small letter."""
PADDED_NOT_CAPITALS = r"\A[ -`\{-~]*[a-z][ -~]*\z"
"""ASCII with a small letter."""

_INNER = UNREADABLE + GARBLED
_NOT_AT_ENDS = rf" \x{{A0}}{_INNER}"
ONE_LINE_NO_CAPITALS = (
    rf"\A[^\p{{Lu}}{_NOT_AT_ENDS}]([^\p{{Lu}}{_INNER}]*[^\p{{Lu}}{_NOT_AT_ENDS}])?\z"
)
"""One line in the right encoding without capital letters and blanks around."""
ONE_LINE_CAPITALS = (
    rf"\A[^\p{{Ll}}{_NOT_AT_ENDS}]([^\p{{Ll}}{_INNER}]*[^\p{{Ll}}{_NOT_AT_ENDS}])?\z"
)
"""The same without small letters."""
ONE_LINE_BEGINS_LARGE = rf"\A[^\p{{Ll}}{_NOT_AT_ENDS}]([^{_INNER}]*[^{_NOT_AT_ENDS}])?\z"
"""The same, but the first character is no small letter."""
ONE_LINE_MIXED = (
    rf"\A[^\p{{Ll}}{_NOT_AT_ENDS}][^\p{{Ll}}{_INNER}]*[\p{{Ll}}]([^{_INNER}]*[^{_NOT_AT_ENDS}])?\z"
)
"""The same, and a later one is a small letter."""
ONE_LINE_NOT_CAPITALS = (
    rf"\A([^\p{{Ll}}{_NOT_AT_ENDS}][^\p{{Ll}}{_INNER}]*)?[\p{{Ll}}]"
    rf"([^{_INNER}]*[^{_NOT_AT_ENDS}])?\z"
)
"""The same, but the first character may be a small letter."""
