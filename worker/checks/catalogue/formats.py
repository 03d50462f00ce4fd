"""Check functions of the format of single values: texts, codes, numbers, dates and times."""

from worker.checks.catalogue.check_function import CheckFunction

__all__ = ["FUNCTIONS"]

_CODE = ("column", "code_format", "case_sensitive")

FUNCTIONS = (
    CheckFunction(
        "regex_match",
        "conformity",
        "matches a pattern",
        ("column", "regex", "negate"),
        negated="avoids a pattern",
    ),
    CheckFunction("has_valid_string_case", "conformity", "in a set case", ("column", "case")),
    CheckFunction(
        "has_num_decimal_places",
        "accuracy",
        "within decimal places",
        ("column", "limit", "allow_nulls"),
    ),
    CheckFunction("is_valid_email", "conformity", "is a valid email"),
    CheckFunction("is_valid_url", "conformity", "is a valid url"),
    CheckFunction("is_valid_uuid", "conformity", "is a valid uuid", ("column", "strict")),
    CheckFunction("is_valid_ipv4_address", "conformity", "is a valid ipv4 address"),
    CheckFunction("is_valid_ipv6_address", "conformity", "is a valid ipv6 address"),
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
    CheckFunction("is_valid_country_code", "conformity", "is a valid country code", _CODE),
    CheckFunction("is_valid_currency_code", "conformity", "is a valid currency code", _CODE),
    CheckFunction("is_valid_language_code", "conformity", "is a valid language code", _CODE),
    CheckFunction(
        "is_valid_subdivision_code",
        "conformity",
        "is a valid subdivision code",
        ("column", "case_sensitive", "country_column"),
    ),
    CheckFunction(
        "is_valid_national_id", "conformity", "is a valid national id", ("column", "country")
    ),
    CheckFunction("is_valid_json", "conformity", "is a valid json"),
    CheckFunction(
        "has_json_keys", "conformity", "has json keys", ("column", "keys", "require_all")
    ),
    CheckFunction(
        "has_valid_json_schema", "conformity", "has valid json schema", ("column", "schema")
    ),
    CheckFunction("is_valid_date", "conformity", "is a valid date", ("column", "date_format")),
    CheckFunction(
        "is_valid_timestamp", "conformity", "is a valid timestamp", ("column", "timestamp_format")
    ),
    CheckFunction(
        "is_not_in_future",
        "timeliness",
        "not in the future",
        ("column", "offset", "curr_timestamp"),
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
