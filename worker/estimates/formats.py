"""Formats that DQX has a check function for.

What a column is tried with here is stricter than DQX's own: whatever passes it passes there.
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.estimates import matching
from worker.estimates.estimate import Estimate, Estimator
from worker.kinds import iso_codes
from worker.kinds.column import Column, Flags
from worker.kinds.column_kind import ColumnKind
from worker.kinds.json_texts import json_texts
from worker.patterns.days_in_text import DAYS, day_pattern
from worker.patterns.moments_in_text import MOMENTS
from worker.patterns.national_ids import NATIONAL_IDS

__all__ = ["FORMATS", "Format", "format_of"]

_FEWEST = 30
_FIRST = 50
"""Different texts that show which formats are worth a try."""
_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]"
_LOCAL = (
    rf"({_ATOM}{{1,64}}|{_ATOM}{{1,31}}\.{_ATOM}{{1,32}}|{_ATOM}{{1,20}}(\.{_ATOM}{{1,20}}){{2}})"
)
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9\-]{0,38}[A-Za-z0-9])?"
"""Of 40 characters at most: then no address has more than 254."""
_PATH = r"([A-Za-z0-9_.~!$&'()*+,;=:@/\-]|%[0-9A-Fa-f]{2})*"
_QUERY = r"([A-Za-z0-9_.~!$&'()*+,;=:@/?\-]|%[0-9A-Fa-f]{2})*"

Passing = Callable[[Column], Flags]
"""Returns which different values of a column of texts pass."""


@dataclass(frozen=True, slots=True)
class Format:
    """A check function, and what passes it for sure."""

    function: str
    words: str
    """What a text is."""
    passing: Passing
    arguments: Mapping[str, str] = field(default_factory=dict)
    reads_as: str = ""
    """What texts of the format mean. Of two formats with one meaning the first is the one."""


def _pattern(pattern: str) -> Passing:
    return partial(matching.matches, pattern=pattern)


def _code(codes: frozenset[bytes]) -> Passing:
    known = pa.array([one.decode() for one in sorted(codes)])

    def passing(column: Column) -> Flags:
        found: Flags = pc.is_in(column.different, known).to_numpy(zero_copy_only=False)
        return found

    return passing


def _ipv6(column: Column) -> Flags:
    kept = column.kept.get(__name__)
    if kept is None:
        kept = column.kept[__name__] = np.array(
            [_is_ipv6(one) for one in column.different.to_pylist()], dtype=bool
        )
    flags: Flags = kept
    return flags


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


FORMATS: Mapping[ColumnKind, Sequence[Format]] = {
    ColumnKind.EMAIL: [
        Format(
            "is_valid_email",
            "an email address",
            _pattern(rf"\A{_LOCAL}@({_LABEL}\.){{1,3}}[A-Za-z]{{2,63}}\z"),
        )
    ],
    ColumnKind.URL: [
        Format(
            "is_valid_url",
            "a URL",
            _pattern(
                rf"\A(https?|ftp)://({_LABEL}\.)*{_LABEL}(:[0-9]{{1,5}})?"
                rf"(/{_PATH})?(\?{_QUERY})?(#{_QUERY})?\z"
            ),
        )
    ],
    ColumnKind.UUID: [
        Format(
            "is_valid_uuid",
            "a UUID",
            _pattern(r"\A[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\z"),
        )
    ],
    ColumnKind.IP: [
        Format(
            "is_valid_ipv4_address",
            "an IPv4 address",
            _pattern(rf"\A({_OCTET}\.){{3}}{_OCTET}\z"),
        ),
        Format("is_valid_ipv6_address", "an IPv6 address", _ipv6),
    ],
    ColumnKind.JSON: [Format("is_valid_json", "JSON", json_texts)],
    ColumnKind.NATIONAL_ID: [
        Format("is_valid_national_id", words, _pattern(pattern), {"country": country})
        for country, (words, pattern) in NATIONAL_IDS.items()
    ],
    ColumnKind.ISO_CODE: [
        Format("is_valid_country_code", "a country code", _code(iso_codes.COUNTRIES_2)),
        Format(
            "is_valid_country_code",
            "a country code",
            _code(iso_codes.COUNTRIES_3),
            {"code_format": "alpha-3"},
        ),
        Format("is_valid_currency_code", "a currency code", _code(iso_codes.CURRENCIES)),
        Format("is_valid_language_code", "a language code", _code(iso_codes.LANGUAGES)),
    ],
    ColumnKind.TEXT_DATE: [
        *(
            Format(
                "is_valid_date",
                f"a date of the form {form}",
                _pattern(rf"\A{day_pattern(form)}\z"),
                {"date_format": form},
                "".join(DAYS[form]),
            )
            for form in DAYS
        ),
        *(
            Format(
                "is_valid_timestamp",
                f"a date and time of the form {form}",
                _pattern(pattern),
                {"timestamp_format": form},
                "".join(DAYS[day]),
            )
            for day, form, pattern in MOMENTS
        ),
    ],
}


def format_of(kind: ColumnKind, tolerated: float = 0.0) -> Estimator:
    """Return the estimator of the format of a kind of column.

    It gives nothing if DQX has no function for the kind, if more than a `tolerated` share of the
    rows fail, or if the texts are of two formats alike.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        if not column.is_text:
            return None
        times = column.times(rows)
        count = int(times.sum())
        fits = [(int(times[~one.passing(column)].sum()), one) for one in _worth_a_try(column, kind)]
        if count < _FEWEST or not fits:
            return None
        failing, best = min(fits, key=lambda one: one[0])
        meanings = {one.reads_as or one.words for fails, one in fits if fails == failing}
        if failing > tolerated * count or len(meanings) > 1:
            return None
        return Estimate(
            best.function,
            best.arguments,
            lambda other: other.where(~best.passing(other)),
            f"Every value is {best.words}.",
            1 / count,
        )

    return estimate


def _worth_a_try(column: Column, kind: ColumnKind) -> Sequence[Format]:
    """Return the formats of a kind that one of the first texts has: dates have many forms."""
    name = f"{__name__} {kind}"
    kept = column.kept.get(name)
    if kept is None:
        few = Column(column.path, column.different.slice(0, _FIRST))
        formats = [one for one in FORMATS.get(kind, ()) if one.passing(few).any()]
        kept = column.kept[name] = formats
    found: Sequence[Format] = kept
    return found
