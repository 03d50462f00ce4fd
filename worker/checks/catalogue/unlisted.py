"""What the name of a check function says, if the catalogue has no entry for it."""

from collections.abc import Mapping
from functools import lru_cache

from worker.checks.catalogue.check_function import CUSTOM, CheckFunction
from worker.checks.shorten import one_line

__all__ = ["unlisted"]

_MAX_WORDS = 30
"""Characters; a suggestion's name has room for some of its column beside them."""
_REMEMBERED = 100
_DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "timeliness": ("fresh", "future", "older", "time_window"),
    "consistency": ("foreign_key", "compare", "aggr_matches"),
    "completeness": ("null", "empty", "count"),
    "uniqueness": ("unique", "disjoint"),
    "conformity": ("valid", "regex", "list", "range", "schema", "json"),
}
"""By parts of names."""


@lru_cache(_REMEMBERED)
def unlisted(name: str) -> CheckFunction:
    """Return a custom function, or one of a DQX that is newer than the catalogue."""
    words = one_line(name.replace("_", " "))
    if words.startswith("is valid "):
        words = words.replace("is valid", "is a valid", 1)
    return CheckFunction(name, _dimension(name), words if 0 < len(words) <= _MAX_WORDS else CUSTOM)


def _dimension(name: str) -> str:
    for dimension, parts in _DIMENSIONS.items():
        if any(f"_{part}_" in f"_{name}_" for part in parts):
            return dimension
    return "accuracy"
