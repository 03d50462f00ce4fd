import re

import pytest
from databricks.labs.dqx.utils import normalize_column_expr
from hypothesis import example, given
from hypothesis import strategies as st

from worker.checks.column_names import PropertyNames, as_argument, segments
from worker.tables.column_paths import names_of, path_of

RESERVED = [
    *("true", "FALSE", "Null", "case", "cast", "struct", "interval", "not", "exists", "select"),
    *("current_date", "current_timestamp", "current_time", "localtimestamp"),
    *("current_user", "session_user", "user", "current_catalog", "current_database"),
]
# Characters that DQX or Spark treat in a way of their own, so that random names often hold them.
SPECIAL = st.sampled_from(list(" \t\n\r()[]{},;'\"*-+/%<>=!&|~^@#$?:äßИ中🙂\u00a0_aZ09"))
FIELDS = st.text(SPECIAL | st.characters(exclude_characters=".`"), min_size=1)
NAMES = FIELDS | st.sampled_from(RESERVED)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(".".join)


@pytest.mark.parametrize(
    "name",
    [
        *("id", "_Id9", "trueish", "2024", "Customer Name", "gross-margin", "Päivämäärä", "größe"),
        *("a/b", "a@b#c$d?e:f", "address.zip", "Order Lines.unit price"),
    ],
)
def test_a_name_that_dqx_reads_right_stays_as_dqx_writes_it(name: str) -> None:
    assert as_argument(name) == name


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("amount (usd)", "`amount (usd)`"),
        ("tags[0]", "`tags[0]`"),
        ("{x}", "`{x}`"),
        ("last, first", "`last, first`"),
        ("a;b", "`a;b`"),
        ("it's", "`it's`"),
        ('5" disk', '`5" disk`'),
        ("*", "`*`"),
        ("count(*)", "`count(*)`"),
        ("a - b", "`a - b`"),
        ("a+ b", "`a+ b`"),
        ("a >b", "`a >b`"),
        ("profit %", "`profit %`"),
        ("we`ird", "`we``ird`"),
        ("`", "````"),
        *((word, f"`{word}`") for word in RESERVED),
    ],
)
def test_a_name_that_dqx_or_spark_takes_for_sql_is_quoted(name: str, argument: str) -> None:
    assert as_argument(name) == argument


@pytest.mark.parametrize(
    ("path", "argument"),
    [
        ("address.zip (old)", "address.`zip (old)`"),
        ("home address.zip (old)", "`home address`.`zip (old)`"),
        ("größe.wert (cm)", "`größe`.`wert (cm)`"),
        ("address.null", "address.`null`"),
        ("true.größe", "`true`.`größe`"),
        ("a - b.c.end", "`a - b`.c.`end`"),
        ("we`ird.field", "`we``ird`.field"),
    ],
)
def test_one_quoted_segment_makes_every_odd_segment_quoted(path: str, argument: str) -> None:
    assert as_argument(path) == argument


@given(PATHS)
@example("a b.c(d).true")
def test_segments_undo_as_argument(path: str) -> None:
    assert segments(as_argument(path)) == path.split(".")


@given(st.lists(st.text(st.sampled_from(".`") | st.characters(), min_size=1), min_size=1))
@example(["Sepal.Length"])
@example(["a", "`b`", "c.d`"])
def test_segments_undo_as_argument_for_dots_and_back_quotes_too(names: list[str]) -> None:
    assert names_of(path_of(names)) == names
    assert segments(as_argument(path_of(names))) == names


@given(NAMES)
@example("id\n")
@example("true")
def test_dqx_makes_of_any_name_the_name_itself_or_the_name_in_back_quotes(name: str) -> None:
    read = normalize_column_expr(as_argument(name))

    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None
    assert read == f"`{name}`" or (plain and read == name)


def test_dqx_leaves_doubled_back_quotes_alone() -> None:
    assert normalize_column_expr(as_argument("we`ird")) == "`we``ird`"


@pytest.mark.parametrize("word", RESERVED)
def test_dqx_never_hands_a_reserved_word_to_spark_bare(word: str) -> None:
    assert normalize_column_expr(as_argument(word)) == f"`{word}`"


@pytest.mark.parametrize(
    ("argument", "parts"),
    [
        ("id", ["id"]),
        ("a.b.c", ["a", "b", "c"]),
        ("`a.b`", ["a.b"]),
        ("`a.b`.c", ["a.b", "c"]),
        ("`we``ird`", ["we`ird"]),
        ("Customer Name.first", ["Customer Name", "first"]),
        ("coalesce(`a`, `b`)", ["coalesce(`a`, `b`)"]),
        ("`open", ["`open"]),
        ("a.", ["a."]),
        ("", [""]),
    ],
)
def test_segments_are_unquoted_and_sql_stays_whole(argument: str, parts: list[str]) -> None:
    assert segments(argument) == parts


@pytest.mark.parametrize("sql", ["price * orders.rate", "coalesce(a.b, 0)", "round(x, 1.5)"])
def test_sql_with_a_dot_is_no_path(sql: str) -> None:
    assert segments(sql) == [sql]


@pytest.mark.parametrize(
    ("argument", "properties", "found"),
    [
        ("id", ["id", "name"], "id"),
        ("ID", ["id"], "id"),
        ("id", ["ID", "id"], "id"),
        ("größe", ["GRÖSSE"], "GRÖSSE"),
        ("`amount (usd)`", ["Amount (USD)"], "Amount (USD)"),
        ("`a.b`", ["b", "a.b"], "a.b"),
        ("address.zip", ["zip", "address", "address.zip"], None),
        ("id", ["id2", "i"], None),
        ("id", [], None),
    ],
)
def test_a_property_is_found_exactly_before_case_insensitively_and_never_by_its_leaf(
    argument: str, properties: list[str], found: str | None
) -> None:
    assert PropertyNames(properties).meant_by(argument) == found
