"""A request's filter looks at a row alone."""

import pytest

from worker.profiling.filters import FilterRefused, check_filter, names_and_values


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
