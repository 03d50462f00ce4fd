"""Check functions of missing, listed, bounded, unique and outlying values."""

from decimal import Decimal

from worker.checks.catalogue.arguments import Arguments
from worker.checks.catalogue.check_function import CheckFunction
from worker.checks.column_names import columns_of, readable
from worker.checks.filled_share import FILLED_SHARE
from worker.checks.readable_values import shown
from worker.checks.sentence import Sentence, about, at_least, at_most, between, one_of, together

__all__ = ["FUNCTIONS"]

_LIMIT = ("column", "limit", "allow_nulls")
_RANGE = ("column", "min_limit", "max_limit", "allow_nulls")
_TEXT = ("column", "trim_strings")
_EQUAL = ("column", "value", "abs_tolerance", "rel_tolerance", "allow_nulls")


def _and_filled(arguments: Arguments) -> str:
    return " and filled" if arguments.get("allow_nulls") is False else ""


def _range(column: str, arguments: Arguments) -> Sentence:
    low, high = arguments.get("min_limit"), arguments.get("max_limit")
    if isinstance(low, int) and isinstance(high, int) and (digits := _digits(low, high)):
        filled = " and is filled" if _and_filled(arguments) else ""
        return about(column, f"has {digits} digits{filled}", f" (from {low:,} to {high:,})")
    return between(column, shown(low), shown(high), also=_and_filled(arguments))


def _digits(low: int, high: int) -> int:
    """Return how many digits the numbers between two bounds have, if no others do; else 0."""
    digits = len(str(high))
    return digits if digits > 1 and (low, high) == (10 ** (digits - 1), 10**digits - 1) else 0


def _text(column: str, arguments: Arguments, words: str) -> Sentence:
    return about(column, words, "" if arguments.get("trim_strings") else " (spaces count)")


def _list(column: str, arguments: Arguments, before: str = "") -> Sentence:
    also = ", in any case" if arguments.get("case_sensitive") is False else ""
    values = [shown(value) for value in arguments.get("allowed") or []]
    return one_of(column, values, also=also, before=before)


def _seen(arguments: Arguments) -> str:
    values = len(arguments.get("allowed") or [])
    seen = "one value that was" if values == 1 else f"{values} values that were"
    return f"The list holds the {seen} seen."


def _key(column: str, arguments: Arguments) -> Sentence:
    distinct = arguments.get("nulls_distinct", True)
    nulls = " (nulls may repeat)" if distinct else " (null counts as a value)"
    columns = [readable(one) for one in columns_of(arguments)]
    if len(columns) > 1:
        return together(columns, "unique together:", nulls)
    return about(column, "is unique", nulls)


def _mostly_filled(column: str, arguments: Arguments) -> Sentence:
    least = shown(100 * Decimal(str(arguments["limit"])))
    return about(column, f"at least {least} % filled", " (else all rows fail)")


MOSTLY_FILLED = CheckFunction(
    FILLED_SHARE,
    "completeness",
    "mostly filled",
    description="A share of the rows must have a value. If fewer have one, every row is flagged.",
    rule=_mostly_filled,
)
"""A form of a function of aggregates."""

FUNCTIONS = (
    CheckFunction(
        "is_not_null",
        "completeness",
        "filled",
        generated=True,
        description="Every row must have a value.",
        rule=lambda column, _: about(column, "is filled"),
        passes_nan=True,
        tolerates=True,
    ),
    CheckFunction(
        "is_not_null_and_not_empty",
        "completeness",
        "has text",
        _TEXT,
        generated=True,
        description="Every row must have a value, and no text may be empty.",
        rule=lambda column, a: _text(column, a, "has text"),
        refuses_empty=True,
        tolerates=True,
    ),
    CheckFunction(
        "is_not_empty",
        "completeness",
        "has text if filled",
        _TEXT,
        generated=True,
        description="No text may be empty; a missing value is allowed.",
        rule=lambda column, a: _text(column, a, "has text if filled"),
        refuses_empty=True,
        passes_nan=True,
        tolerates=True,
    ),
    CheckFunction(
        "is_in_list",
        "conformity",
        "in list",
        ("column", "allowed", "case_sensitive"),
        generated=True,
        description="Every value must be one of a fixed list.",
        rule=_list,
        observed=_seen,
        listed="allowed",
    ),
    CheckFunction(
        "is_in_range",
        "conformity",
        "in range",
        _RANGE,
        generated=True,
        finding="accuracy",
        description="Every value must lie between two bounds.",
        rule=_range,
        low="min_limit",
        high="max_limit",
        halves={"min_limit": "is_not_less_than", "max_limit": "is_not_greater_than"},
    ),
    CheckFunction(
        "is_not_less_than",
        "conformity",
        "at least a limit",
        _LIMIT,
        generated=True,
        finding="accuracy",
        description="No value may be less than a bound.",
        rule=lambda column, a: at_least(column, shown(a.get("limit")), also=_and_filled(a)),
        low="limit",
        passes_nan=True,
    ),
    CheckFunction(
        "is_not_greater_than",
        "conformity",
        "at most a limit",
        _LIMIT,
        generated=True,
        finding="accuracy",
        description="No value may be greater than a bound.",
        rule=lambda column, a: at_most(column, shown(a.get("limit")), also=_and_filled(a)),
        high="limit",
    ),
    CheckFunction(
        "is_unique",
        "uniqueness",
        "unique",
        ("columns", "nulls_distinct", "row_filter", "trim_strings"),
        generated=True,
        description="No two rows may have the same key.",
        rule=_key,
    ),
    CheckFunction(
        "has_no_outliers",
        "accuracy",
        "near its median",
        ("column", "row_filter"),
        generated=True,
        description="No value may lie far from the median.",
        rule=lambda column, _: about(
            column, "is near its median", " (within 3.5 median absolute deviations)"
        ),
        # DQX's own description has the number as a rounded share.
        observed=lambda _: "DQX found no more outliers than its option outliers_ratio allows.",
    ),
    CheckFunction("is_null", "completeness", "is null"),
    CheckFunction("is_empty", "completeness", "is empty", _TEXT),
    CheckFunction("is_null_or_empty", "completeness", "is null or empty", _TEXT),
    CheckFunction(
        "is_not_null_and_not_empty_array",
        "completeness",
        "has elements",
        estimated=True,
        description="Every row must have an array with at least one element.",
        rule=lambda column, _: about(column, "has at least one element"),
    ),
    CheckFunction(
        "is_not_null_and_is_in_list",
        "conformity",
        "filled and in list",
        ("column", "allowed", "case_sensitive"),
        estimated=True,
        description="Every row must have a value, and it must be one of a fixed list.",
        rule=lambda column, a: _list(column, a, "filled and "),
        listed="allowed",
    ),
    CheckFunction(
        "is_not_in_list",
        "conformity",
        "is not in list",
        ("column", "forbidden", "case_sensitive"),
    ),
    CheckFunction("is_not_in_range", "conformity", "is not in range", _RANGE),
    CheckFunction("is_equal_to", "accuracy", "equals a value", _EQUAL),
    CheckFunction("is_not_equal_to", "accuracy", "differs from a value", _EQUAL),
)
