"""A request's filter looks at a row alone."""

import re
from pathlib import Path

import pytest

from worker.row_filters.check_filter import FilterRefused, check_filter, names_and_values
from worker.row_filters.functions import FUNCTIONS


@pytest.mark.parametrize(
    "text",
    [
        "id > 10",
        "status <> 'draft' AND (amount BETWEEN 1 AND 2.5e3 OR note IS NULL)",
        "lower(trim(name)) LIKE 'a%' AND year(day) >= 2020",
        "`a b`.c IN ('x', 'it''s') AND NOT deleted",
        "day >= date_sub(current_date(), 30) AND moment < TIMESTAMP '2024-01-01 00:00:00'",
        "name = 'SELECT * FROM secret; -- no comment'",
        'cast(code AS int) % 2 = 0 AND tags[0] <=> "x"',
        "CASE WHEN a THEN b ELSE c END",
        "name NOT LIKE '%it''s%' AND (tag LIKE 'a_b%' OR b) AND c LIKE 'a%b'",
        "CASE WHEN name LIKE '50!%%' ESCAPE '!' THEN a ELSE b END",
        "replace(replace(code, '-', ''), ',', '.') = 'a' AND round(amount, -2) = 1",
        "contains(name, 'x') OR position('x' IN name) > 0 OR date_format(day, 'MM') = '01'",
        "concat(first, ' ', last) = a || b AND amount < 1.5e-3BD AND share > .5",
        "((((((a))))))",
        " OR ".join(["lower(a) = b"] * 20),
    ],
)
def test_conditions_on_a_rows_columns_are_allowed(text: str) -> None:
    check_filter(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "id IN (SELECT id FROM secret)",
        "EXISTS (FROM secret)",
        "id = (TABLE secret)",
        "id IN (VALUES 1)",
        "reflect('java.lang.System', 'exit', 1) = ''",
        "java_method ('java.lang.System', 'exit', 1) = ''",
        "secret('scope', 'key') = 'x'",
        "`reflect`('java.lang.System', 'exit', 1) = ''",
        "ai_query('model', name) = 'x'",
        "id > 1; DROP TABLE t",
        # A raw literal ends at the quote.
        "r'\\' <> (SELECT max(pay) FROM salaries) OR 1 = 1 --'",
        "name = 'it\\'s'",
        "id > 1 -- ",
        "id > 1 /* x */",
        "name = 'open",
        'name = "open',
        "a @ b",
        "transform(list, x -> x)[0] = 1",
        "x" * 2_001,
    ],
)
def test_all_else_is_refused(text: str) -> None:
    with pytest.raises(FilterRefused):
        check_filter(text)


REGULAR = "is a regular expression, which may never end: use LIKE"
LIKE = "LIKE takes one pattern in single quotes with at most 2 %"
PLAIN = "only the plain names that docs/backend.md lists can be called"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("t rlike '(.*a){25}b'", REGULAR),
        ("t REGEXP '(.*a){25}b'", REGULAR),
        ("regexp_like(t, '(.*a){25}b')", REGULAR),
        ("rlike(t, '(.*a){25}b')", REGULAR),
        ("t ilike '%a%a%a%b'", REGULAR),
        ("ilike(t, '%a')", REGULAR),
        ("t similar to '%a'", REGULAR),
        ("t LIKE '%a%a%a%a%a%a%b'", LIKE),
        ("t LIKE '%a''%b%'", LIKE),
        # A literal to Spark, too.
        ("t LIKE '%a' '%b%'", LIKE),
        ("t LIKE '%' || '%a%'", LIKE),
        ("t LIKE pattern", LIKE),
        ('t LIKE "a%"', LIKE),
        ("t LIKE ('%a%a%b')", LIKE),
        ("like(t, '%a%a%b')", LIKE),
        ("t LIKE ANY ('%a')", LIKE),
        ("t LIKE r'%a'", LIKE),
        ("t LIKE '%a%' ESCAPE '!' || '%'", LIKE),
        ("t LIKE", LIKE),
        ("1db.fn(1)", PLAIN),
        ("1db. abs(1)", PLAIN),
        ("db.abs(1)", PLAIN),
        ("`db` . abs(1)", PLAIN),
        ("2fa(1)", PLAIN),
        ("1db.t.c = 1", "a name that begins with a digit goes in back-quotes"),
        ("replace(" * 40 + "t" + ", 'a', 'b')" * 40 + " = ''", "may call at most 20 functions"),
        ("replace(t, 'a', 'aa') = ''", "the second may not be longer than the first"),
        ("replace(t, t, 'a') = ''", "replace takes a text in single quotes as argument 2"),
        ("replace(t, 'a', t) = ''", "replace takes a text in single quotes as argument 3"),
        ("contains(t, u)", "contains takes a text in single quotes as argument 2"),
        ("contains(t, 'a' || u)", "contains takes a text in single quotes as argument 2"),
        ("position(u IN t) > 1", "position takes a text in single quotes as argument 1"),
        ("to_date(t, u) > day", "to_date takes a text in single quotes as argument 2"),
        ("ltrim(u, t) = ''", "ltrim takes one argument"),
        ("round(d, 100000000) > 1", "round rounds to a number of digits from -99 to 99"),
        ("nullif(" * 7 + "i" + ", 1)" * 7 + " = 1", "may be nested at most 6 deep"),
        ("(" * 7 + "a" + ")" * 7, "may be nested at most 6 deep"),
        ("a[b[c[d[e[f[g[1]]]]]]]", "may be nested at most 6 deep"),
        ("CASE i WHEN 1 THEN 2 END = 1", "CASE takes conditions: CASE WHEN a = 1 THEN"),
        ("CASE WHEN " * 21 + "a", "may call at most 20 functions, LIKE and CASE among them"),
        ("concat(" + "t, " * 12 + "t) = ''", "may join at most 10 texts"),
        (" || ".join("t" * 12) + " = ''", "may join at most 10 texts"),
        ("a)", "nothing is open that could be closed at character 2"),
        # Spark compares words in upper case, in which both letters are plain ones.
        ("1 IN (\u017felect 1)", "'select' is not allowed in a filter"),
        ("t rl\u0131ke '(.*a){25}b'", REGULAR),
    ],
)
def test_what_may_take_long_is_refused_with_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(FilterRefused, match=re.escape(words)):
        check_filter(text)


@pytest.mark.parametrize(
    ("text", "names", "values"),
    [
        ("Mail IS NOT NULL", {"mail", "is", "not", "null"}, set()),
        ("`A b` = 'x' OR lower(c.d) > 1.5", {"a b", "or", "c", "d", "1.5"}, {"'x'", "1.5"}),
        ("2fa_phone = '1'", {"2fa_phone"}, {"2fa_phone", "'1'"}),
        ('a = "q"', {"a"}, {'"q"'}),
    ],
)
def test_what_a_filter_names_and_holds(text: str, names: set[str], values: set[str]) -> None:
    check_filter(text)
    assert names_and_values(text) == (names, values)


def test_the_documentation_lists_the_functions() -> None:
    page = (Path(__file__).parents[3] / "docs" / "backend.md").read_text("utf-8")
    listed = page.partition("These functions may be called:\n")[2].partition(".\n")[0]
    assert re.findall(r"`(\w+)`", listed) == sorted(FUNCTIONS)
