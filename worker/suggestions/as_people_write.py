"""Counts and shares as people write them."""

import math

__all__ = ["percent", "rows"]

_DIGITS = 2


def rows(count: int, which: str = "") -> str:
    """Return a count of rows: `1 row`, `4,812 rows`."""
    return f"{count:,} {which}row" + ("" if count == 1 else "s")


def percent(share: float) -> str:
    """Return a share with two digits: `2.5 %`, `0.013 %`, `98 %`."""
    if not share:
        return "0 %"
    value = share * 100
    places = max(0, _DIGITS - 1 - math.floor(math.log10(value)))
    return f"{value:.{places}f} %"
