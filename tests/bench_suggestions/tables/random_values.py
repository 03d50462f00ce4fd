"""Columns of made-up business tables. A generator of random numbers comes in, a column goes out.

The values have what real ones have and a naive rule trips over: long tails, rare categories,
seasons, keys with gaps, values that come up late, and a few nulls.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

__all__ = [
    "amounts",
    "births",
    "days",
    "emails",
    "growing",
    "late",
    "moments",
    "names",
    "picks",
    "sentences",
    "some",
    "uuids",
]

Rng = np.random.Generator
Column = list[Any]

_FIRST = ("Anna", "Ben", "Chloé", "Diego", "Elif", "Frank", "Håkon", "Inès", "Jörg", "Kai", "Olu")
_LAST = ("Smith", "Müller", "García", "Rossi", "Nguyen", "O'Neill", "Larsen", "Dubois", "Ivanov")
_WORDS = (
    *("please", "call", "before", "delivery", "customer", "asked", "for", "a", "refund", "parcel"),
    *("left", "at", "door", "invoice", "sent", "twice", "address", "changed", "wrong", "size"),
    *("box", "damaged", "see", "earlier", "note", "urgent", "none", "of", "these", "thanks"),
)
_DOMAINS = ("example.com", "mail.example.org", "firma.example", "example.co.uk")


def growing(rng: Rng, rows: int, start: int) -> Column:
    """Return a key that grows and has gaps."""
    return [int(one) for one in start + np.cumsum(rng.geometric(0.8, rows))]


def moments(rng: Rng, rows: int, start: datetime, period: timedelta) -> Column:
    """Return growing timestamps, most of them in the hours of work."""
    seconds = np.sort(rng.uniform(0, period.total_seconds(), rows))
    found = [start.replace(tzinfo=UTC) + timedelta(seconds=int(one)) for one in seconds]
    return sorted(one.replace(hour=int(rng.normal(13, 3.5)) % 24) for one in found)


def days(start: Sequence[Any], after: Iterable[Any]) -> Column:
    """Return dates so many days after others."""
    dates = [one.date() if isinstance(one, datetime) else one for one in start]
    return [one + timedelta(days=int(gap)) for one, gap in zip(dates, after, strict=True)]


def picks(rng: Rng, rows: int, weights: Mapping[Any, float]) -> Column:
    """Return values by their weights."""
    values, shares = list(weights), np.array(list(weights.values()), dtype=float)
    return [values[at] for at in rng.choice(len(values), rows, p=shares / shares.sum())]


def amounts(rng: Rng, rows: int, median: float, spread: float) -> Column:
    """Return decimals of a lognormal distribution, with two places."""
    drawn = rng.lognormal(np.log(median), spread, rows)
    return [Decimal(str(round(one, 2))).quantize(Decimal("0.01")) for one in drawn]


def late(column: Column, value: Any, share: float, rng: Rng) -> Column:
    """Return the column with a value that is new in its last third, in such a share of rows."""
    first = len(column) * 2 // 3
    return [value if at >= first and rng.random() < share else one for at, one in enumerate(column)]


def some(rng: Rng, column: Column, share: float) -> Column:
    """Return the column with a share of its values, and null for the others."""
    return [one if kept < share else None for one, kept in zip(column, rng.random(len(column)))]  # noqa: B905


def names(rng: Rng, rows: int) -> tuple[Column, Column]:
    """Return first and last names."""
    return [str(one) for one in rng.choice(_FIRST, rows)], [
        str(one) for one in rng.choice(_LAST, rows)
    ]


def emails(rng: Rng, first: Column, last: Column) -> Column:
    """Return e-mail addresses of these people."""
    plain = [
        f"{a}.{b}".encode("ascii", "ignore").decode().replace("'", "").lower()
        for a, b in zip(first, last, strict=True)
    ]
    return [f"{one}{rng.integers(1, 900)}@{rng.choice(_DOMAINS)}" for one in plain]


def sentences(rng: Rng, rows: int, most: int) -> Column:
    """Return free text of up to so many words."""
    return [
        " ".join(rng.choice(_WORDS, int(rng.integers(2, most)))).capitalize() for _ in range(rows)
    ]


def uuids(rng: Rng, rows: int) -> Column:
    """Return random UUIDs."""
    return [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(rows)]


def births(rng: Rng, rows: int) -> Column:
    """Return dates of birth of adults."""
    return days([date(1940, 1, 1)] * rows, rng.triangular(0, 14_000, 24_000, rows).astype(int))
