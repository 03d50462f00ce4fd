"""Text of any origin, made fit for messages, logs and terminals: cut, and escaped."""

import re
from collections.abc import Sequence
from uuid import UUID

__all__ = [
    "CAUSE_LIMIT",
    "HIDDEN",
    "MESSAGE_LIMIT",
    "NAME_LIMIT",
    "bounded",
    "escaped_json",
    "joined",
    "short_id",
    "visible",
    "visible_lines",
]

MESSAGE_LIMIT = 10_000
"""Characters of a message: a run's error_message, an attempt's reason, a field of a log line."""
CAUSE_LIMIT = 1_000
"""Characters of why one table failed."""
NAME_LIMIT = 200
"""Characters of a name inside a message."""

# Of a UUID.
_SHORT_ID = 8

# Characters for the words around the causes.
_FRAME = 200
_SEPARATOR = "; "

# Beyond ASCII a terminal obeys C1 and separators of lines, reorders text after some marks and
# hides a byte order mark. No stream takes a lone surrogate.
_BEYOND_ASCII = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
HIDDEN = re.compile(f"[{_BEYOND_ASCII}]")
_CONTROL = re.compile(f"[\x00-\x1f{_BEYOND_ASCII}]")


def bounded(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Return `text` in at most `limit` characters; a text that is cut ends in `…`."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def joined(causes: Sequence[str]) -> str:
    """Return causes in one text that leaves room in a message; a long one hides no other.

    If they are too long together, each gets an equal share.
    """
    room = MESSAGE_LIMIT - _FRAME
    whole = _SEPARATOR.join(causes)
    if len(whole) <= room:
        return whole
    share = room // len(causes) - len(_SEPARATOR)
    return _SEPARATOR.join(bounded(cause, share) for cause in causes)


def short_id(one: str) -> str:
    """Return the first characters of a UUID, which name a run as well; another id whole."""
    try:
        UUID(one)
    except ValueError:
        return one
    return one[:_SHORT_ID]


def visible(text: str) -> str:
    r"""Return `text` on one line, with an escape such as `\x1b` for each control character."""
    return _CONTROL.sub(_escape, text)


def visible_lines(text: str) -> str:
    """Return `text` as `visible` does, with its line breaks."""
    return "\n".join(map(visible, text.split("\n")))


def escaped_json(text: str) -> str:
    """Return JSON with an escape for each control character; its value stays the same."""
    return HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
