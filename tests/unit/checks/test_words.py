import re
from typing import Any

import databricks.labs.dqx.check_funcs
import databricks.labs.dqx.geo.check_funcs  # noqa: F401 - registers its functions
import pytest
from databricks.labs.dqx.rule import CHECK_FUNC_REGISTRY
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.suggestions.rows import SEEN, check_of, rule
from worker.checks.catalogue import CATALOGUE, function_of
from worker.checks.column_names import columns_of
from worker.checks.filled_share import FILLED_SHARE, share_arguments
from worker.checks.personal_data import holds_values
from worker.checks.portable_arguments import portable
from worker.checks.words import check_name, describe, dimension, rule_text
from worker.counting.check import Check
from worker.patterns.number_patterns import NumberForm
from worker.patterns.text_patterns import (
    ASCII,
    BEGINS_LARGE,
    NO_CAPITALS,
    ONE_LINE,
    READABLE,
    TRIMMED,
    up_to,
    word_of,
)

TABLE: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("is_valid_email", {}, "c is an email address", "c is an email address", "conformity"),
    (
        "is_not_null_and_is_in_list",
        {"allowed": ["'EU'", "'US'"]},
        "c filled and in list",
        "c filled and in EU, US",
        "conformity",
    ),
    (
        "has_valid_string_case",
        {"case": "lower"},
        "c in a set case",
        "c is in lower case",
        "conformity",
    ),
    ("is_not_in_future", {}, "c not in the future", "c is not in the future", "timeliness"),
    *(
        (
            "is_not_in_future",
            {"offset": seconds},
            "c not far in the future",
            f"c is at most {span} ahead",
            "timeliness",
        )
        for seconds, span in ((630_720_000, "20 years"), (86_400, "1 day"), (90, "90 s"))
    ),
    ("regex_match", {"regex": TRIMMED}, "c in form", "c has no blanks around", "conformity"),
    (
        "regex_match",
        {"regex": r"\A(K\-[0-9]{6}|[A-Z]{2}[0-9]{1,3})\z"},
        "c in form",
        "c has the form K-dddddd or AAd…",
        "conformity",
    ),
    ("regex_match", {"regex": "a+"}, "c in form", "c matches a+", "conformity"),
    (
        "is_in_range",
        {"min_limit": 1990, "max_limit": 45000},
        "c in range",
        "c from 1990 to 45,000",
        "conformity",
    ),
    ("is_not_null", {}, "c filled", "c is filled", "completeness"),
    (
        "is_not_null_and_not_empty",
        {"trim_strings": True},
        "c has text",
        "c has text",
        "completeness",
    ),
    (
        "is_not_empty",
        {"trim_strings": True},
        "c has text if filled",
        "c has text if filled",
        "completeness",
    ),
    (
        "is_in_list",
        {"allowed": ["'EU'", "'US'", 3]},
        "c in list",
        "c in EU, US, 3",
        "conformity",
    ),
    (
        "is_in_range",
        {"min_limit": "-1.0BD", "max_limit": 2.50},
        "c in range",
        "c from -1 to 2.5",
        "conformity",
    ),
    (
        "is_not_greater_than",
        {"limit": "2.50BD"},
        "c at most a limit",
        "c at most 2.5",
        "conformity",
    ),
    (
        "is_not_less_than",
        {"limit": 0.0},
        "c at least a limit",
        "c at least 0",
        "conformity",
    ),
    (
        "has_no_outliers",
        {},
        "c near its median",
        "c is near its median (within 3.5 median absolute deviations)",
        "accuracy",
    ),
    *(
        (f"is_{re.sub('[ -]', '', noun)}", {}, f"c is a {noun}", f"c is a {noun}", "conformity")
        for noun in (
            *("point", "line string", "polygon", "multipoint", "multi-line string"),
            *("multipolygon", "geometry collection"),
        )
    ),
    *(
        (
            f"has_{axis}_coordinate_between",
            {"min_value": 0, "max_value": "9BD"},
            f"{axis} of c in range",
            f"{axis} of c from 0 to 9",
            "conformity",
        )
        for axis in "xy"
    ),
    *(
        (
            f"is_{measure}_not_{sign}_than",
            {"value": "5BD"},
            f"{of} of c at {word} a limit",
            f"{of} of c at {word} 5",
            "conformity",
        )
        for measure, of in (("area", "area"), ("num_points", "points"))
        for sign, word in (("less", "least"), ("greater", "most"))
    ),
    ("is_non_empty_geometry", {}, "c has points", "c has at least one point", "completeness"),
    (
        "is_ogc_valid",
        {},
        "c valid by OGC's rules",
        "c is valid by OGC's rules",
        "conformity",
    ),
    (
        "is_not_null_island",
        {},
        "c away from the origin",
        "c is away from the origin (0, 0)",
        "accuracy",
    ),
    (
        "is_valid_subdivision_code",
        {"x": "y"},
        "c is a valid subdivision code",
        "c is a valid subdivision code (x=y)",
        "conformity",
    ),
    ("is_valid_json", {}, "c is JSON", "c is JSON", "conformity"),
    ("is_valid_ipv6_address", {}, "c is an IPv6 address", "c is an IPv6 address", "conformity"),
    (
        "is_valid_national_id",
        {"country": "GB"},
        "c is a national id",
        "c is a national id (GB)",
        "conformity",
    ),
    (
        "is_valid_timestamp",
        {"timestamp_format": "yyyy-MM-dd'T'HH:mm:ssXXX"},
        "c is a date and time",
        "c is a date and time (as yyyy-MM-dd'T'HH:mm:ssXXX)",
        "conformity",
    ),
    *(
        ("has_num_decimal_places", {"limit": limit}, "c within decimal places", words, "conformity")
        for limit, words in (
            (0, "c is a whole number"),
            (1, "c has at most 1 decimal place"),
            (2, "c has at most 2 decimal places"),
        )
    ),
    ("is_latitude", {}, "c is a latitude", "c is a latitude (from -90 to 90)", "accuracy"),
    ("is_longitude", {}, "c is a longitude", "c is a longitude (from -180 to 180)", "accuracy"),
    (
        "is_not_null_and_not_empty_array",
        {},
        "c has elements",
        "c has at least one element",
        "completeness",
    ),
    *(
        ("regex_match", {"regex": pattern}, "c in form", words, "conformity")
        for pattern, words in (
            (up_to(ASCII, 40), "c is plain ASCII, up to 40 long (no blanks around)"),
            (up_to(ONE_LINE, 1000), "c is one line, up to 1,000 long (no blanks around)"),
            (up_to(NO_CAPITALS, 9), "c is lower ASCII, up to 9 long (no blanks around)"),
            (
                up_to(BEGINS_LARGE, 9),
                "c is ASCII, up to 9 long (no small letter first, no blanks around)",
            ),
            (
                up_to(READABLE, 80),
                "c is readable, up to 80 long (no control or garbled characters, no blanks around)",
            ),
            (up_to(TRIMMED, 2), "c is trimmed, up to 2 long (no blanks around)"),
            (word_of("0-9a-f", 32, 32), "c has 32 characters (of 0-9, a-f)"),
            (word_of(r"0-9A-Z_\-", 4, 9), "c has 4 to 9 characters (of 0-9, A-Z, _, -)"),
        )
    ),
    *(
        ("regex_match", {"regex": form.pattern}, "c in form", words, "conformity")
        for form, words in (
            (
                NumberForm(negative=True, digits=5, places=(0, 0)),
                "c is a whole number (at most 5 digits before the decimals)",
            ),
            (
                NumberForm(negative=False, digits=5, places=(2, 2), after="%"),
                "c is a number with 2 decimals (at most 5 digits before the decimals, no minus, "
                "with %)",
            ),
            (
                NumberForm(
                    negative=True, digits=5, places=(0, 3), mark=",", between=".", before="$"
                ),
                "c is a number with up to 3 decimals (thousands apart by a point, "
                "a decimal comma, with $)",
            ),
            (
                NumberForm(negative=True, digits=5, places=(1, 2), between=" "),
                "c is a number with up to 2 decimals (thousands apart by a blank)",
            ),
        )
    ),
]


@pytest.mark.parametrize(("function", "arguments", "name", "text", "_"), TABLE)
def test_a_check_is_said_in_positive_words(
    function: str, arguments: dict[str, Any], name: str, text: str, _: str
) -> None:
    assert check_name(check_of(function, **arguments)) == name
    assert rule(function, **arguments) == text


def test_the_words_are_those_of_every_function_that_dqx_generates() -> None:
    generated = {name for name, one in CATALOGUE.items() if one.generated}
    estimated = {name for name, one in CATALOGUE.items() if one.estimated}
    assert {row[0] for row in TABLE} | {"is_unique"} >= generated
    # Of aggregates one form alone.
    assert all(CATALOGUE[name].rule for name in estimated - {FILLED_SHARE})


def test_a_filled_share_has_words_of_its_own() -> None:
    path = "address.`zip.code`"
    check = portable(function_of(FILLED_SHARE).check(path, **share_arguments(path, 0.985)))
    assert check is not None
    assert check.arguments["column"] == "CAST(`address`.`zip.code` IS NOT NULL AS INT)"

    assert check_name(check) == "address.zip.code mostly filled"
    assert rule_text(check) == ("address.zip.code at least 98.5 % filled (else all rows fail)")
    assert dimension(check) == "completeness"
    assert describe(check).startswith("A share of the rows must have a value.")
    assert not holds_values(check)
    assert columns_of(check.arguments) == ["`address`.`zip.code`"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"column": "discount", "aggr_type": "avg"},
        {"column": "CAST(`discount` IS NULL AS INT)", "aggr_type": "avg"},
        {"column": "CAST(`discount` IS NOT NULL AS INT)", "aggr_type": "sum"},
        {"column": "CAST(`a` IS NOT NULL AS INT) + CAST(`b` IS NOT NULL AS INT)"},
        {"column": ["CAST(`a` IS NOT NULL AS INT)"], "aggr_type": "avg"},
    ],
)
def test_other_aggregates_are_no_filled_share(arguments: dict[str, Any]) -> None:
    check = check_of(FILLED_SHARE, **arguments, limit=0.95)

    assert dimension(check) == "accuracy"
    assert check_name(check).endswith("aggregate at least a limit")
    assert holds_values(check)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        *((row[0], row[4]) for row in TABLE),
        *((name, "timeliness") for name in ("is_data_fresh", "is_not_in_future")),
        *((name, "timeliness") for name in ("is_older_than_n_days", "has_no_gaps_per_time_window")),
        *((name, "consistency") for name in ("foreign_key", "compare_x", "aggr_matches_x")),
        *((name, "completeness") for name in ("is_null", "is_empty", "row_count_between")),
        *((name, "uniqueness") for name in ("is_unique", "has_unique_rows", "are_x_disjoint")),
        *((name, "conformity") for name in ("is_valid_country_code", "is_valid_date")),
        *((name, "conformity") for name in ("regex_match", "is_not_in_list", "is_not_in_range")),
        *((name, "conformity") for name in ("schema_matches", "has_json_keys")),
        ("sql_query", "accuracy"),
    ],
)
def test_a_function_has_its_dimension(function: str, expected: str) -> None:
    assert dimension(check_of(function)) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        *((one, "accuracy") for one in ("is_in_range", "is_not_less_than", "is_not_greater_than")),
        ("is_in_list", "conformity"),
        ("is_not_null", "completeness"),
        ("is_unique", "uniqueness"),
    ],
)
def test_a_finding_of_outliers_is_about_accuracy(function: str, expected: str) -> None:
    assert dimension(check_of(function), finding=True) == expected


@pytest.mark.parametrize(
    ("offset", "words"), [("60", "60"), (-5, "-5"), (0.5, "0.5"), ([60], "[60]")]
)
def test_an_offset_that_people_wrote_may_be_no_number_of_seconds(offset: Any, words: str) -> None:
    assert rule("is_not_in_future", offset=offset) == f"c is not in the future (but for {words} s)"


def test_a_column_is_shown_without_the_quoting_of_sql() -> None:
    assert rule("is_not_null", column="`amount ``(usd)`.x") == "amount `(usd).x is filled"


def test_the_arguments_of_another_function_follow_it() -> None:
    assert rule("f", column="`a (b)`", x="`y`", z=[1], n=None) == "a (b) f (x=`y`, z=[1])"
    assert rule_text(Check("sql_expression", {"expression": "a <= b"}, "n", "error")) == (
        "row meets a condition (expression=a <= b)"
    )


@pytest.mark.parametrize("function", sorted(CHECK_FUNC_REGISTRY))
@pytest.mark.parametrize("column", ["c", "customer_address_postal_code_of_the_delivery"])
def test_every_function_of_dqx_has_a_name_of_words(function: str, column: str) -> None:
    name = check_name(check_of(function, column=column))

    words = check_name(check_of(function)).split("c ", 1)[1]
    assert len(name) <= 40
    assert name.endswith(f" {words}")
    assert "_" not in words
    assert len(words) <= 30


def test_a_function_that_has_no_words_is_a_custom_check() -> None:
    for name in ("f" * 40, "", "_"):
        assert check_name(check_of(name)) == "c passes a custom check"
        assert rule(name, x=1) == f"c passes a custom check ({name}, x=1)"


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("regex_match", "c avoids a pattern"),
        ("is_older_than_n_days", "c at most n days old"),
        ("is_new", "c passes a custom check"),
    ],
)
def test_a_negated_check_is_not_said_as_its_opposite(function: str, name: str) -> None:
    assert check_name(check_of(function, negate=True)) == name
    assert check_name(check_of(function, negate=False)) != name


def test_a_filter_follows_the_rule() -> None:
    assert rule("is_not_null", "id >= 10") == "c is filled where id >= 10"
    # A long list leaves room for it.
    assert rule("is_in_list", "id >= 10", allowed=[*range(1000)]).endswith("… where id >= 10")


def test_control_characters_become_one_blank() -> None:
    text = rule("is_in_list", "a =\n\t1\x00", allowed=["'x\x00y\r\n\x1b\x7f\x85\u2028z'", 1])
    assert text == "c in x y z, 1 where a = 1"
    assert check_name(check_of("is_not_null", column="a\x1b[31m\nb")) == "a [31m b filled"


@pytest.mark.parametrize("function", ["is_not_null", "is_in_list", "is_in_range", "some_other"])
@given(text=st.text(), copies=st.integers(1, 300))
def test_what_is_shown_is_one_printable_line_of_limited_length(
    function: str, text: str, copies: int
) -> None:
    long = text * copies
    one = check_of(function, long, column=f"c{long}", allowed=[long, 1], min_limit=long, x=long)

    for shown, limit in ((rule_text(one), 200), (check_name(one), 40)):
        assert 0 < len(shown) <= limit
        assert shown.isprintable()


def test_a_rule_of_200_characters_stays_whole_and_a_longer_one_ends_in_an_ellipsis() -> None:
    frame = len("c is filled where ")

    assert rule("is_not_null", "x" * (200 - frame)).endswith("x" * (200 - frame))
    assert rule("is_not_null", "x" * (201 - frame)).endswith("x" * (199 - frame) + "…")


COLUMNS = st.text("abc_xyz", min_size=1, max_size=100)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
@given(column=COLUMNS)
def test_a_long_column_is_shortened_in_its_middle_and_the_words_never(
    row: tuple[str, dict[str, Any], str, str, str], column: str
) -> None:
    function, arguments, name, text, _ = row
    one = check_of(function, column=column, **arguments)

    for shown, whole, limit in ((check_name(one), name, 40), (rule_text(one)[:SEEN], text, SEEN)):
        before, _, words = whole.split(" (")[0].partition("c ")
        found = re.match(rf"{before}(\w*)(…?)(\w*) {words}", shown)
        assert found, shown
        head, ellipsis, tail = found.groups()
        if ellipsis:
            assert column.startswith(head)
            assert column.endswith(tail)
            assert found.end() >= limit - len(" (0, 0)")
        else:
            assert head == column


@pytest.mark.parametrize("function", [*(row[0] for row in TABLE), "is_unique", "is_new"])
def test_a_description_is_a_sentence_that_holds_no_value(function: str) -> None:
    assert re.fullmatch(r"[A-Z][A-Za-z0-9_',; ]+\.", describe(check_of(function)))
    assert not re.search(r"(?<![a-z_0-9])\d", describe(check_of(function)))
