"""A check of every function that DQX's generator emits, and values of all kinds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from worker.checks.filled_share import share_arguments
from worker.counting.check import Check
from worker.patterns.number_patterns import NumberForm
from worker.patterns.text_patterns import DIGITS, ONE_LINE, up_to

__all__ = ["CASES"]


def _case(function: str, name: str, /, *, criticality: str = "error", **arguments: Any) -> Check:
    return Check(function, arguments, name, criticality)


def _geo(function: str, **arguments: Any) -> Check:
    return _case(function, f"shape_{function}", column="shape", convert_column=False, **arguments)


CASES: Mapping[str, Check] = {
    "is_not_null": _case("is_not_null", "id_is_null", column="id"),
    "is_not_null_and_not_empty": _case(
        "is_not_null_and_not_empty",
        "Customer Name_is_null_or_empty",
        column="Customer Name",
        trim_strings=True,
    ),
    "is_not_empty": _case(
        "is_not_empty", "address.zip_is_not_empty", column="address.zip", trim_strings=True
    ),
    "is_in_list": _case(
        "is_in_list",
        "region_other_value",
        criticality="warn",
        column="region",
        allowed=["'US'", "'EU'", "'O\\'R\\\\x'", "'grün'", "'a\nb'", "'c\x85d\u2028e'"],
    ),
    "is_not_null_and_is_in_list": _case(
        "is_not_null_and_is_in_list", "region", column="region", allowed=["'EU'", "'it\\'s'"]
    ),
    "is_aggr_not_less_than, a filled share": _case(
        "is_aggr_not_less_than", "Customer Name", **share_arguments("Customer Name", 0.95)
    ),
    "regex_match, negated": _case(
        "regex_match", "region", column="region", regex=DIGITS, negate=True
    ),
    "regex_match, of a code": _case(
        "regex_match",
        "Customer Name",
        column="Customer Name",
        regex=r"\A(K\-[0-9]{6}|[A-Z]{2}\.[a-z]{1,3})\z",
    ),
    "regex_match, of one line": _case(
        "regex_match", "address.zip", column="address.zip", regex=ONE_LINE
    ),
    "has_valid_string_case": _case(
        "has_valid_string_case", "region", column="region", case="lower"
    ),
    **{
        name: _case(name, "region", column="region")
        for name in (
            *("is_valid_email", "is_valid_url", "is_valid_uuid", "is_valid_ipv4_address"),
            *("is_valid_currency_code", "is_valid_language_code", "is_valid_ipv6_address"),
            "is_valid_json",
        )
    },
    "is_valid_national_id": _case("is_valid_national_id", "region", column="region", country="GB"),
    "is_valid_timestamp": _case(
        "is_valid_timestamp",
        "region",
        column="region",
        timestamp_format="yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]XXX",
    ),
    "has_num_decimal_places": _case("has_num_decimal_places", "share", column="share", limit=2),
    "is_latitude": _case("is_latitude", "share", column="share"),
    "is_longitude": _case("is_longitude", "share", column="share"),
    "is_not_null_and_not_empty_array": _case(
        "is_not_null_and_not_empty_array", "tags", column="tags"
    ),
    "is_not_null_and_is_in_list, a constant": _case(
        "is_not_null_and_is_in_list", "price", column="price", allowed=[Decimal("1.50")]
    ),
    "is_not_null_and_is_in_list, true": _case(
        "is_not_null_and_is_in_list", "done", column="done", allowed=[True]
    ),
    "is_in_list, a constant": _case("is_in_list", "share", column="share", allowed=[0.1]),
    "regex_match, of a length": _case(
        "regex_match", "address.street", column="address.street", regex=up_to(ONE_LINE, 40)
    ),
    "regex_match, of numbers": _case(
        "regex_match",
        "address.rent",
        column="address.rent",
        regex=NumberForm(
            negative=True, digits=9, places=(0, 2), mark=",", between="'", before="$"
        ).pattern,
    ),
    "is_valid_country_code": _case(
        "is_valid_country_code", "region", column="region", code_format="alpha-3"
    ),
    "is_valid_date": _case("is_valid_date", "region", column="region", date_format="dd.MM.yyyy"),
    "is_not_in_future": _case("is_not_in_future", "ordered", column="ordered"),
    "is_in_list, numbers": _case(
        "is_in_list", "id_other_value", column="id", allowed=[30, -1, 2**53 + 1]
    ),
    "is_in_range": _case(
        "is_in_range", "id_isnt_in_range", column="id", min_limit=-5, max_limit=2**60 + 1
    ),
    "is_in_range, decimals": _case(
        "is_in_range",
        "price_isnt_in_range",
        column="price",
        min_limit=Decimal("0.10"),
        max_limit=Decimal("12345678901234567890.123456"),
    ),
    "is_in_range, floating point": _case(
        "is_in_range", "share_isnt_in_range", column="share", min_limit=5e-324, max_limit=0.1
    ),
    "is_in_range, decimal and floating point": _case(
        "is_in_range",
        "amount (usd)_isnt_in_range",
        column="amount (usd)",
        min_limit=Decimal("-0.01"),
        max_limit=17.25,
    ),
    "is_in_range, dates": _case(
        "is_in_range",
        "day_isnt_in_range",
        column="day",
        min_limit="2024-01-01",
        max_limit="2024-12-31",
    ),
    "is_in_range, moments": _case(
        "is_in_range",
        "moment_isnt_in_range",
        column="moment",
        min_limit="2024-01-01T00:00:00.000000+0000",
        max_limit="2024-12-31T23:59:59.999999+0000",
    ),
    "is_in_range, one bound infinite": _case(
        "is_in_range",
        "share_isnt_in_range",
        column="share",
        min_limit=0.5,
        max_limit=float("inf"),
    ),
    "is_in_range, and filled": _case(
        "is_in_range",
        "discount in range",
        column="discount",
        min_limit=Decimal("0.00"),
        max_limit=Decimal("10000.00"),
        allow_nulls=False,
    ),
    "is_not_less_than, and filled": _case(
        "is_not_less_than", "day from", column="day", limit="2024-01-01", allow_nulls=False
    ),
    "has_num_decimal_places, and filled": _case(
        "has_num_decimal_places", "pieces", column="pieces", limit=0, allow_nulls=False
    ),
    "is_not_greater_than": _case(
        "is_not_greater_than", "id_not_greater_than", column="id", limit=100
    ),
    "is_not_less_than": _case("is_not_less_than", "id_not_less_than", column="id", limit=-1.5),
    "is_unique": _case(
        "is_unique",
        "primary_key_id_region_validation",
        columns=["id", "region"],
        nulls_distinct=False,
    ),
    "has_no_outliers": _case("has_no_outliers", "share_has_no_outliers", column="share"),
    "a column whose name looks like SQL": _case(
        "is_not_null", "amount (usd)_is_null", column="amount (usd)"
    ),
    "a filter": Check(
        "is_not_null", {"column": "region"}, "region_is_null", "warn", "id >= 10 AND share < '0.5'"
    ),
    "regex_match, by hand": _case(
        "regex_match", "region_regex", column="region", regex="^[A-Z]{2}$"
    ),
    **{
        function: _geo(function)
        for function in (
            *("is_point", "is_linestring", "is_polygon", "is_multipoint", "is_multilinestring"),
            *("is_multipolygon", "is_geometrycollection", "is_non_empty_geometry"),
            *("is_ogc_valid", "is_not_null_island"),
        )
    },
    **{
        function: _geo(function, min_value=-180.5, max_value=180.0)
        for function in ("has_x_coordinate_between", "has_y_coordinate_between")
    },
    **{
        function: _geo(function, value=7)
        for function in (
            *("is_area_not_less_than", "is_area_not_greater_than"),
            *("is_num_points_not_less_than", "is_num_points_not_greater_than"),
        )
    },
}
