"""Text in one line and of a limited length; no letter loses its accents."""

import unicodedata

__all__ = ["at_the_end", "in_the_middle", "one_line"]

_ELLIPSIS = "…"
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
# Vowels and final consonants of Korean syllables that are written as single letters.
_SYLLABLE_ENDS = range(0x1160, 0x1200)


def one_line(text: str) -> str:
    """Return `text` with one blank for all blanks and unprintable characters in a row."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def at_the_end(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters; the last is an ellipsis if it is cut."""
    if len(text) <= limit:
        return text
    return text[: _start_of_letter(text, limit - 1)] + _ELLIPSIS if limit > 0 else ""


def in_the_middle(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters: its start, an ellipsis and its end."""
    if len(text) <= limit:
        return text
    kept = max(limit - len(_ELLIPSIS), 0)
    head = _start_of_letter(text, kept - kept // 2)
    tail = len(text) - kept // 2
    while tail < len(text) and _continues(text, tail):
        tail += 1
    return text[:head] + _ELLIPSIS + text[tail:]


def _start_of_letter(text: str, position: int) -> int:
    """Return `position`, or the one before it at which its letter starts."""
    while position > 0 and _continues(text, position):
        position -= 1
    return position


def _continues(text: str, position: int) -> bool:
    """Return whether the character at `position` is part of the letter before it."""
    character = text[position]
    code = ord(character)
    if code in _FLAG_LETTERS:
        before = text[:position]
        letters = len(before) - len(before.rstrip("".join(map(chr, _FLAG_LETTERS))))
        return letters % 2 == 1
    return (
        unicodedata.category(character).startswith("M")
        or code in _SKIN_TONES
        or code in _SYLLABLE_ENDS
    )
