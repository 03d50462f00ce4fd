"""Formats that DQX has a check function for.

A column is tried with a pattern that is stricter than DQX's own: whatever matches it passes there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates import patterns
from worker.suggestions.estimates.estimate import Estimate, Estimator
from worker.suggestions.kinds.column_kind import ColumnKind

__all__ = ["FORMATS", "format_of"]

_FEWEST = 30


@dataclass(frozen=True, slots=True)
class Format:
    """A check function, and a pattern of which all texts pass it."""

    function: str
    words: str
    pattern: str


_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]"
_LOCAL = (
    rf"({_ATOM}{{1,64}}|{_ATOM}{{1,31}}\.{_ATOM}{{1,32}}|{_ATOM}{{1,20}}(\.{_ATOM}{{1,20}}){{2}})"
)
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9\-]{0,38}[A-Za-z0-9])?"
"""Of 40 characters at most: then no address has more than 254."""
_PATH = r"([A-Za-z0-9_.~!$&'()*+,;=:@/\-]|%[0-9A-Fa-f]{2})*"
_QUERY = r"([A-Za-z0-9_.~!$&'()*+,;=:@/?\-]|%[0-9A-Fa-f]{2})*"
FORMATS: Mapping[ColumnKind, Format] = {
    ColumnKind.EMAIL: Format(
        "is_valid_email",
        "an email address",
        rf"\A{_LOCAL}@({_LABEL}\.){{1,3}}[A-Za-z]{{2,63}}\z",
    ),
    ColumnKind.URL: Format(
        "is_valid_url",
        "a URL",
        rf"\A(https?|ftp)://({_LABEL}\.)*{_LABEL}(:[0-9]{{1,5}})?"
        rf"(/{_PATH})?(\?{_QUERY})?(#{_QUERY})?\z",
    ),
    ColumnKind.UUID: Format(
        "is_valid_uuid", "a UUID", r"\A[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\z"
    ),
    ColumnKind.IP: Format(
        "is_valid_ipv4_address", "an IPv4 address", rf"\A({_OCTET}\.){{3}}{_OCTET}\z"
    ),
}


def format_of(kind: ColumnKind, tolerated: float = 0.0) -> Estimator:
    """Return the estimator of the format of a kind of column.

    It gives nothing if DQX has no function for the kind, or more than a `tolerated` share of the
    rows fail.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        known = FORMATS.get(kind)
        if known is None or not column.is_text:
            return None
        times = column.times(rows)
        count = int(times.sum())
        failing = times[~patterns.matches(column, known.pattern)].sum()
        if count < _FEWEST or failing > tolerated * count:
            return None
        return Estimate(
            known.function,
            {},
            patterns.failing(known.pattern),
            f"Every value is {known.words}.",
            1 / count,
        )

    return estimate
