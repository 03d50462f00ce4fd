"""Moments without a time zone, as the SQL literals that rules hold them in."""

import re
from datetime import UTC, datetime

__all__ = ["zoneless_literal", "zoneless_moment"]

_LITERAL = re.compile(r"TIMESTAMP_NTZ '(.*)'", re.DOTALL)


def zoneless_moment(text: str) -> str | None:
    """Return the moment in a SQL literal of the type TIMESTAMP_NTZ; None of any other text."""
    literal = _LITERAL.fullmatch(text)
    return literal[1] if literal else None


def zoneless_literal(moment: datetime) -> str:
    """Return a moment as a SQL literal of the type TIMESTAMP_NTZ that has the time in UTC."""
    return f"TIMESTAMP_NTZ '{moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"
