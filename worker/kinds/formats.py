"""Texts of a known form: addresses, identifiers, JSON, dates and numbers."""

import json

from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.distinct_texts import Texts

__all__ = ["formatted"]

_MOST = 0.9
_LONG_JSON = 10_000
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY, _MONTH_NUMBER, _YEAR = r"([0-2]?\d|3[01])", "(0?[1-9]|1[0-2])", r"(\d{4}|\d{2})"
_TIME = r"([ T]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(am|pm|z|utc|[+-]\d{2}:?\d{2})?)?"
_BYTE = r"(25[0-5]|2[0-4]\d|1?\d?\d)"
_HEX = "[0-9a-f]"
_FORMATS = (
    (
        ColumnKind.UUID,
        "UUIDs",
        "-",
        rf"(?i)^\{{?{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}\}}?$",
    ),
    (ColumnKind.EMAIL, "e-mail addresses", "@", r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"),
    (ColumnKind.URL, "URLs", "[.:]", r"(?i)^([a-z][a-z0-9+.-]{1,9}://|www\.)\S+$"),
    (
        ColumnKind.IP,
        "IP addresses",
        "[.:]",
        (
            rf"(?i)^({_BYTE}\.){{3}}{_BYTE}(/\d{{1,2}})?$|"
            rf"^({_HEX}{{1,4}}:){{7}}{_HEX}{{1,4}}$|^({_HEX}{{1,4}}(:|$)){{0,7}}:[0-9a-f:]*$"
        ),
    ),
    (
        ColumnKind.TEXT_DATE,
        "dates",
        r"\d[-/. ,]",
        (
            rf"(?i)^(\d{{4}}[-/.]{_MONTH_NUMBER}[-/.]{_DAY}|"
            rf"{_DAY}[-/. ]({_MONTH_NUMBER}|{_MONTH})[-/. ,]+{_YEAR}|"
            rf"{_MONTH_NUMBER}/{_DAY}/{_YEAR}|{_MONTH}\.? {_DAY},? {_YEAR}){_TIME}$"
        ),
    ),
    (
        ColumnKind.TEXT_NUMBER,
        "numbers",
        r"\d",
        (
            r"^\s*[-+]?\$?\s*(\d+([.,]\d*)?|\d{1,3}([ ,.']\d{3})+([.,]\d+)?|[.,]\d+)"
            r"([eE][-+]?\d+)?\s*[%$]?\s*$"
        ),
    ),
)
"""Kinds, words for their texts, what such a text has in any case, and its form."""


def formatted(texts: Texts) -> Described | None:
    """Return the kind whose form most of the texts have."""
    for kind, words, sign, pattern in _FORMATS:
        share = texts.share_like(pattern, sign)
        if share >= _MOST:
            return Described(kind, f"{share:.0%} of the texts read as {words}")
    share = texts.share_where(_is_json)
    if share >= _MOST:
        return Described(ColumnKind.JSON, f"{share:.0%} of the texts read as JSON")
    return None


def _is_json(text: bytes) -> bool:
    """Return whether a text is a JSON object or array; of a long one the ends decide."""
    text = text.strip()
    if not (text.startswith((b"{", b"[")) and text.endswith((b"}", b"]"))):
        return False
    if len(text) > _LONG_JSON:
        return True
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
