"""The long form of the tests, and what is left of it in `make test`.

`make test-long` runs it, and so do the targets that take a number of EXAMPLES.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

__all__ = ["LONG", "long_form", "some"]

T = TypeVar("T")

LONG = os.environ.get("LONG") == "1" or "EXAMPLES" in os.environ

long_form = pytest.mark.skipif(not LONG, reason="of the long form, make test-long")


def some(cases: Sequence[T], every: int, *always: str) -> Sequence[T]:
    """Return the first of `every` so many cases, and these by name; all in the long form."""
    return [
        case
        for number, case in enumerate(cases)
        if LONG or number % every == 0 or str(case) in always
    ]
