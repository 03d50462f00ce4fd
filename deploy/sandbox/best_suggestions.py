"""The few suggestions that a demo shows: those that say most about a table, in short."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

__all__ = ["SURE", "best", "findings", "short_rule", "sure"]

Row = Mapping[str, Any]

SURE = "0.98"
"""The confidence from which on a rule can be accepted without a look. No row breaks such a rule."""
# A list, a range or a form says more than that values are there.
_KINDS = {
    "is_unique": "key",
    "is_in_list": "list",
    "is_not_null_and_is_in_list": "list",
    "is_in_range": "range",
    "regex_match": "form",
}
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}…?")
_CONSTANT = " always "
_EXACTLY = re.compile(r" \(exactly .*\)$")


def best(rows: Sequence[Row], count: int) -> list[Row]:
    """Return at most `count` rules that no row breaks, of each table as many as of the others."""
    tables: dict[str, list[Row]] = {}
    for row in rows:
        if row["confidence_score"] is not None:
            tables.setdefault(row["schema_name"], []).append(row)
    # The tables take turns.
    turns = chain.from_iterable(zip_longest(*map(_ranked, tables.values())))
    chosen = [row for row in turns if row is not None][:count]
    return sorted(chosen, key=lambda row: str(row["schema_name"]))


def findings(rows: Sequence[Row]) -> list[Row]:
    """Return the suggestions that a few rows break."""
    return [row for row in rows if row["confidence_score"] is None]


def sure(rows: Sequence[Row]) -> list[Row]:
    """Return the rules that can be accepted without a look."""
    return [row for row in rows if (row["confidence_score"] or "") >= SURE]


def short_rule(rule: str) -> str:
    """Return a rule with its numbers rounded to four digits."""
    return _LONG_NUMBER.sub(_rounded, _EXACTLY.sub("", rule))


def _ranked(rows: Sequence[Row]) -> list[Row]:
    """Return the rules of a table, the best first; the kinds take turns."""
    kinds: dict[str, list[Row]] = {kind: [] for kind in dict.fromkeys([*_KINDS.values(), ""])}
    for row in sorted(rows, key=_rank):
        kinds[_KINDS.get(_function(row), "")].append(row)
    *first, others = kinds.values()
    turns = chain.from_iterable(zip_longest(*first))
    return [*(row for row in turns if row is not None), *others]


def _function(row: Row) -> str:
    return str(json.loads(row["implementation"])["check"]["function"])


def _rank(row: Row) -> tuple[bool, bool, int]:
    """Return what sorts before others: sure rules, no constants, short ones."""
    return row["confidence_score"] < SURE, _CONSTANT in row["rule"], len(row["rule"])


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match[0].rstrip('…')):.4g}"
