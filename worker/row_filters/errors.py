"""Why a filter is refused: each message says what a filter may have instead."""

from worker.telemetry.cures import message

__all__ = ["FilterRefused"]


class FilterRefused(ValueError):
    """The filter is not one that a request may have; the message says why."""


@message(cure="write a shorter condition, or leave the filter out.")
def not_a_condition(longest: object) -> FilterRefused:
    """The filter is empty or too long."""
    return FilterRefused(f"expected a condition of at most {longest} characters")


@message(cure="write the text without a backslash, or compare with `contains` or `startswith`.")
def backslash(place: object) -> FilterRefused:
    """The filter holds a backslash, whose meaning depends on the settings of Spark's session."""
    return FilterRefused(f"a backslash (character {place}) is not allowed in a filter")


@message(
    cure=("compare columns with texts and numbers; a name with other signs goes in back-quotes.")
)
def sign(sign: str, place: object) -> FilterRefused:
    """The filter holds a comment, a quote that is not closed, or a sign that no condition needs."""
    return FilterRefused(f"{sign} at character {place} is not allowed")


@message(
    cure=(
        "use the functions that docs/backend.md lists. A column of that name goes in back-quotes."
    )
)
def word(word: str) -> FilterRefused:
    """The filter holds a word of a query, or calls a function that is not on the list.

    A filter looks at the columns of one row, and at nothing else.
    """
    return FilterRefused(
        f"{word} is not allowed in a filter, which compares the columns of one row: "
        "docs/backend.md lists the functions that it may call"
    )


@message(
    cure=(
        "use LIKE, `contains`, `startswith` or `endswith`. A column of that name goes in "
        "back-quotes."
    )
)
def regular_expression(word: str) -> FilterRefused:
    """The filter holds a regular expression. On some texts a regular expression never ends."""
    return FilterRefused(
        f"{word} is a regular expression, which may never end: use LIKE with at most two %, "
        "contains, startswith or endswith"
    )


@message(
    cure=(
        "write `name LIKE 'a%'` or `name LIKE '%a%'`, without brackets and without `||`; join two "
        "such conditions with AND."
    )
)
def like(most: object) -> FilterRefused:
    """LIKE has more than a literal pattern, or a pattern with too many `%`.

    Spark compares such a pattern like a regular expression, which may take very long.
    """
    return FilterRefused(
        f"LIKE takes one pattern in single quotes with at most {most} %, such as '%a%', and behind "
        "it only AND, OR or a closing bracket"
    )


@message(cure="call a function that docs/backend.md lists by its plain name.")
def qualified_call(place: object) -> FilterRefused:
    """A function is called by a quoted or a qualified name, or by one that begins with a digit.

    Such a name may be that of a function in a catalog, which can do anything.
    """
    return FilterRefused(
        f"a function is called at character {place} by a name that is quoted, qualified or begins "
        "with a digit: only the plain names that docs/backend.md lists can be called"
    )


@message(cure="put each part of the name in back-quotes.")
def odd_number(text: str) -> FilterRefused:
    """A word with a dot begins with a digit and is no number: it may name a table or a schema."""
    return FilterRefused(
        f"{text} is not a number: a name that begins with a digit goes in back-quotes"
    )


@message(cure="write a shorter condition, or profile a view that computes it.")
def too_many_calls(most: object) -> FilterRefused:
    """The filter calls too many functions."""
    return FilterRefused(f"a filter may call at most {most} functions, LIKE and CASE among them")


@message(cure="write a flatter condition, or profile a view that computes it.")
def too_deep(most: object) -> FilterRefused:
    """Brackets and functions are nested too deeply. Spark may need very long for each level."""
    return FilterRefused(f"brackets and functions may be nested at most {most} deep")


@message(cure="correct the condition.")
def unbalanced(place: object) -> FilterRefused:
    """A bracket is closed that was not opened."""
    return FilterRefused(f"nothing is open that could be closed at character {place}")


@message(
    cure=("write conditions: `CASE WHEN a = 1 THEN … END` instead of `CASE a WHEN 1 THEN … END`.")
)
def case_of_a_value() -> FilterRefused:
    """A CASE has a value before its first WHEN. Spark repeats the value for each branch."""
    return FilterRefused("CASE takes conditions: CASE WHEN a = 1 THEN …")


@message(cure="write the text in single quotes.")
def quoted_argument(function: str, number: object) -> FilterRefused:
    """What a function looks for, or a format, is not a literal text.

    With a value of a column the time would be the product of two lengths.
    """
    return FilterRefused(f"{function} takes a text in single quotes as argument {number}")


@message(cure="trim blanks alone.")
def one_argument(function: str) -> FilterRefused:
    """A function that trims a text has more than the text."""
    return FilterRefused(f"{function} takes one argument")


@message(cure="replace by a text that is not longer, or profile a view that computes it.")
def longer_replacement() -> FilterRefused:
    """A replacement is longer than what it replaces, so that nested ones would multiply a text."""
    return FilterRefused(
        "replace takes two texts in single quotes, and the second may not be longer than the first"
    )


@message(cure="write a number from -99 to 99.")
def digits(function: str) -> FilterRefused:
    """The number of digits to round to is too large, or is not a literal number."""
    return FilterRefused(f"{function} rounds to a number of digits from -99 to 99, written out")


@message(cure="compare the texts one by one.")
def too_long_a_text(most: object) -> FilterRefused:
    """The filter joins many texts into one, which takes as many times the memory of a cell."""
    return FilterRefused(f"a filter may join at most {most} texts with concat and ||")
