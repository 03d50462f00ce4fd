"""Check functions of the format of single values: texts, codes, numbers, dates and times."""

from worker.checks.catalogue.arguments import Arguments
from worker.checks.catalogue.check_function import CheckFunction
from worker.checks.readable_values import shown
from worker.checks.sentence import Sentence, about
from worker.patterns.text_patterns import DIGITS, readable_pattern

__all__ = ["FUNCTIONS"]

_DAY = 86_400
"""In seconds."""
_CODE = ("column", "code_format", "case_sensitive")


def _pattern(column: str, arguments: Arguments) -> Sentence:
    pattern, negate = arguments.get("regex"), arguments.get("negate")
    if negate and pattern == DIGITS:
        return about(column, "has no digits")
    read = None if negate or not isinstance(pattern, str) else readable_pattern(pattern)
    if read is not None:
        return about(column, *read)
    return about(column, "avoids" if negate else "matches", f" {shown(pattern)}")


def _iso(column: str, arguments: Arguments, words: str) -> Sentence:
    form = arguments.get("code_format")
    return about(column, words, f" ({form})" if form else "")


def _date(column: str, arguments: Arguments) -> Sentence:
    form = arguments.get("date_format")
    return about(column, f"is a date as {form}" if form else "is a date")


def _timestamp(column: str, arguments: Arguments) -> Sentence:
    form = arguments.get("timestamp_format")
    return about(column, "is a date and time", f" (as {form})" if form else "")


def _national_id(column: str, arguments: Arguments) -> Sentence:
    return about(column, "is a national id", f" ({arguments.get('country') or 'US'})")


def _decimal_places(column: str, arguments: Arguments) -> Sentence:
    limit = arguments.get("limit")
    if limit == 0:
        words = "is a whole number"
    else:
        words = f"has at most {shown(limit)} decimal place{'' if limit == 1 else 's'}"
    return about(
        column, words + (" and is filled" if arguments.get("allow_nulls") is False else "")
    )


def _not_in_future(column: str, arguments: Arguments) -> Sentence:
    match arguments.get("offset"):
        case 0 | None:
            return about(column, "is not in the future")
        case int(seconds) if seconds > 0:
            return about(column, f"is at most {_span(seconds)} ahead")
        case other:
            # Of a check that people wrote: an offset may be negative, or no number.
            return about(column, "is not in the future", f" (but for {shown(other)} s)")


def _span(seconds: int) -> str:
    """Return seconds as whole years or days if they are so many, else as seconds."""
    for unit, length in (("year", 365 * _DAY), ("day", _DAY)):
        if seconds % length == 0:
            count = seconds // length
            return f"{count:,} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:,} s"


FUNCTIONS = (
    CheckFunction(
        "regex_match",
        "conformity",
        "in form",
        ("column", "regex", "negate"),
        estimated=True,
        description="Every text must match a pattern.",
        rule=_pattern,
        negated="avoids a pattern",
    ),
    CheckFunction(
        "has_valid_string_case",
        "conformity",
        "in a set case",
        ("column", "case"),
        estimated=True,
        description="Every letter must have the case that is set.",
        rule=lambda column, a: about(column, f"is in {a.get('case')} case"),
    ),
    CheckFunction(
        "has_num_decimal_places",
        "conformity",
        "within decimal places",
        ("column", "limit", "allow_nulls"),
        estimated=True,
        finding="accuracy",
        description="No number may have more decimal places than a limit.",
        rule=_decimal_places,
    ),
    CheckFunction(
        "is_valid_email",
        "conformity",
        "is an email address",
        estimated=True,
        description="Every text must be an email address.",
        rule=lambda column, _: about(column, "is an email address"),
    ),
    CheckFunction(
        "is_valid_url",
        "conformity",
        "is a URL",
        estimated=True,
        description="Every text must be a URL.",
        rule=lambda column, _: about(column, "is a URL"),
    ),
    CheckFunction(
        "is_valid_uuid",
        "conformity",
        "is a UUID",
        ("column", "strict"),
        estimated=True,
        description="Every text must be a UUID.",
        rule=lambda column, a: about(column, "is a UUID", " (strict)" if a.get("strict") else ""),
    ),
    CheckFunction(
        "is_valid_ipv4_address",
        "conformity",
        "is an IPv4 address",
        estimated=True,
        description="Every text must be an IPv4 address.",
        rule=lambda column, _: about(column, "is an IPv4 address"),
    ),
    CheckFunction(
        "is_valid_ipv6_address",
        "conformity",
        "is an IPv6 address",
        estimated=True,
        description="Every text must be an IPv6 address.",
        rule=lambda column, _: about(column, "is an IPv6 address"),
    ),
    CheckFunction(
        "is_ipv4_address_in_cidr",
        "accuracy",
        "is an IPv4 address of a block",
        ("column", "cidr_block"),
    ),
    CheckFunction(
        "is_ipv6_address_in_cidr",
        "accuracy",
        "is an IPv6 address of a block",
        ("column", "cidr_block"),
    ),
    CheckFunction(
        "is_valid_country_code",
        "conformity",
        "is a country code",
        _CODE,
        estimated=True,
        description="Every text must be a country code.",
        rule=lambda column, a: _iso(column, a, "is a country code"),
    ),
    CheckFunction(
        "is_valid_currency_code",
        "conformity",
        "is a currency code",
        _CODE,
        estimated=True,
        description="Every text must be a currency code.",
        rule=lambda column, a: _iso(column, a, "is a currency code"),
    ),
    CheckFunction(
        "is_valid_language_code",
        "conformity",
        "is a language code",
        _CODE,
        estimated=True,
        description="Every text must be a language code.",
        rule=lambda column, a: _iso(column, a, "is a language code"),
    ),
    CheckFunction(
        "is_valid_subdivision_code",
        "conformity",
        "is a valid subdivision code",
        ("column", "case_sensitive", "country_column"),
    ),
    CheckFunction(
        "is_valid_national_id",
        "conformity",
        "is a national id",
        ("column", "country"),
        estimated=True,
        description="Every text must be a national id of a country.",
        rule=_national_id,
        defaults={"country": "US"},
    ),
    CheckFunction(
        "is_valid_json",
        "conformity",
        "is JSON",
        estimated=True,
        description="Every text must be JSON.",
        rule=lambda column, _: about(column, "is JSON"),
    ),
    CheckFunction(
        "has_json_keys", "conformity", "has json keys", ("column", "keys", "require_all")
    ),
    CheckFunction(
        "has_valid_json_schema", "conformity", "has valid json schema", ("column", "schema")
    ),
    CheckFunction(
        "is_valid_date",
        "conformity",
        "is a valid date",
        ("column", "date_format"),
        estimated=True,
        description="Every text must be a date.",
        rule=_date,
    ),
    CheckFunction(
        "is_valid_timestamp",
        "conformity",
        "is a date and time",
        ("column", "timestamp_format"),
        estimated=True,
        description="Every text must be a date with a time.",
        rule=_timestamp,
    ),
    CheckFunction(
        "is_not_in_future",
        "timeliness",
        "not in the future",
        ("column", "offset", "curr_timestamp"),
        estimated=True,
        description="No date may lie in the future, or further ahead than an offset.",
        rule=_not_in_future,
        shifted="not far in the future",
    ),
    CheckFunction(
        "is_not_in_near_future",
        "timeliness",
        "not in the near future",
        ("column", "offset", "curr_timestamp"),
    ),
    CheckFunction(
        "is_older_than_n_days",
        "timeliness",
        "is older than n days",
        ("column", "days", "curr_date", "negate"),
        negated="at most n days old",
    ),
    CheckFunction(
        "is_older_than_col2_for_n_days",
        "timeliness",
        "older than another column",
        ("column1", "column2", "days", "negate"),
        negated="no older than another column",
    ),
    CheckFunction(
        "is_data_fresh",
        "timeliness",
        "is fresh",
        ("column", "max_age_minutes", "base_timestamp"),
    ),
)
