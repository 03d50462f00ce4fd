"""Formats that DQX has a check function for.

A column is tried with a pattern that is stricter than DQX's own: whatever matches it passes there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate, Estimator
from worker.suggestions.estimates.patterns import failing_pattern, matches
from worker.suggestions.kinds.column_kind import ColumnKind

__all__ = ["format_of"]

_FEWEST = 30


@dataclass(frozen=True, slots=True)
class _Format:
    """A check function, and a pattern of which all texts pass it."""

    function: str
    words: str
    pattern: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ATOM = r"[A-Za-z0-9_+\-]{1,60}"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_FORMATS: Mapping[ColumnKind, tuple[_Format, ...]] = {
    ColumnKind.EMAIL: (
        _Format(
            "is_valid_email",
            "an e-mail address",
            rf"\A{_ATOM}(\.{_ATOM})*@({_LABEL}\.)+[A-Za-z]{{2,63}}\z",
        ),
    ),
    ColumnKind.URL: (
        _Format(
            "is_valid_url",
            "a URL",
            rf"\A(https?|ftp)://({_LABEL}\.)*{_LABEL}(:[0-9]{{1,5}})?(/[A-Za-z0-9_.~+\-/]*)?"
            r"(\?[A-Za-z0-9_.~+\-/=&]*)?(#[A-Za-z0-9_.~+\-/]*)?\z",
        ),
    ),
    ColumnKind.UUID: (
        _Format(
            "is_valid_uuid",
            "a UUID",
            r"\A[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\z",
        ),
    ),
    ColumnKind.IP: (
        _Format("is_valid_ipv4_address", "an IPv4 address", rf"\A({_OCTET}\.){{3}}{_OCTET}\z"),
    ),
}


def format_of(kind: ColumnKind) -> Estimator | None:
    """Return the estimator of the format of a kind of column; None if DQX has no function."""
    formats = _FORMATS.get(kind)
    if formats is None:
        return None

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        codes = column.codes[rows]
        codes = codes[codes >= 0]
        if not pa.types.is_string(column.values.type) or len(codes) < _FEWEST:
            return None
        for one in formats:
            if matches(column, one.pattern)[codes].all():
                return Estimate(
                    one.function,
                    one.arguments,
                    lambda other, pattern=one.pattern: failing_pattern(other, pattern),
                    f"Every value is {one.words}.",
                    1 / len(codes),
                )
        return None

    return estimate
