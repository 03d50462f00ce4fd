"""The long form of the tests, `make test-long`, and what is left of it in `make test`."""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

__all__ = ["long_form", "some"]

T = TypeVar("T")

_LONG = os.environ.get("LONG") == "1"

long_form = pytest.mark.skipif(not _LONG, reason="of the long form, make test-long")


def some(cases: Sequence[T], every: int, *always: str) -> Sequence[T]:
    """Return the first of `every` so many cases, and these by name; all in the long form."""
    return [
        case
        for number, case in enumerate(cases)
        if _LONG or number % every == 0 or str(case) in always
    ]
