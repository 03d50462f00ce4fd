"""The tokens of a filter, divided as Spark's parser divides them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from worker.row_filters import errors

__all__ = ["Kind", "Token", "tokens"]

_TOKENS = re.compile(
    r"""\s+|(?P<text>'(?:[^']|'')*')|(?P<quoted>"[^"]*"|`(?:[^`]|``)*`)"""
    r"""|(?P<number>\d[\w.]*)"""
    r"""|(?P<call>[^\W\d]\w*)\s*\(|(?P<word>[^\W\d]\w*)"""
    r"""|(?P<sign><=>|\|\||::|[-+*/%=<>!&|.,()\[\]])""",
    re.DOTALL,
)
_COMMENT = ("--", "/*")
_NUMBER = re.compile(r"\d+(\.\d*)?(e\d*)?(bd|[lsyfd])?", re.IGNORECASE)


class Kind(StrEnum):
    """What a token is."""

    TEXT = "text"
    """In single quotes: a literal, whatever the session's settings are."""
    QUOTED = "quoted"
    """In double quotes, a literal or a name; or in back-quotes, a name."""
    NUMBER = "number"
    """A number, or a name that begins with a digit."""
    CALL = "call"
    """A word and the bracket behind it."""
    WORD = "word"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a filter."""

    kind: Kind
    text: str
    """As it is written."""
    place: int
    """Of its first character, from 1."""

    @property
    def word(self) -> str:
        """The word in lower case, as Spark reads it; of other tokens nothing.

        Spark compares words in upper case. So it reads a keyword in a word with a dotless i or a
        long s, whose upper cases are I and S.
        """
        return self.text.upper().lower() if self.kind in (Kind.CALL, Kind.WORD) else ""

    @property
    def is_plain(self) -> bool:
        """Whether a token that begins with a digit is one number, or one name without a dot."""
        return _NUMBER.fullmatch(self.text) is not None or "." not in self.text


def tokens(text: str) -> Iterator[Token]:
    """Return the tokens of a filter in their order. Raises `FilterRefused`."""
    position = 0
    while position < len(text):
        match = _TOKENS.match(text, position)
        if match is None or text.startswith(_COMMENT, position):
            raise errors.sign(repr(text[position]), position + 1)
        if match.lastgroup is not None:
            yield Token(Kind(match.lastgroup), match[match.lastgroup], position + 1)
        position = match.end()
