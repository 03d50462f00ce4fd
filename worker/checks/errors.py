"""Why a check is held back instead of suggested, as `held_back` in summary_stats says it.

Each function is one message; its docstring says what causes it and what cures it, and
docs/errors.md is made of them.
"""

__all__ = ["column_name_too_long", "values_not_writable", "values_too_long"]


def values_not_writable() -> str:
    """A bound or a listed value is NaN, infinite or binary: no rule can name it.

    Cure: none needed; a range keeps its other bound.
    """
    return "its values can't be written in a rule"


def values_too_long() -> str:
    """The listed values together are longer than a rule that people could judge.

    Cure: none needed; write such a rule by hand if it is wanted.
    """
    return "its values are too long for a rule"


def column_name_too_long() -> str:
    """The column's name is longer than the backend's index on `property_name` takes.

    Cure: shorten the column's name.
    """
    return "its column's name is too long"
