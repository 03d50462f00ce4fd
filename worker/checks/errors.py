"""Why a check is held back instead of suggested, as `held_back` in summary_stats says it.

Each function is one message; its docstring says what causes it and what cures it, and
docs/errors.md is made of them.
"""

__all__ = [
    "accepted_before",
    "column_name_too_long",
    "in_contract",
    "left_out",
    "no_values_seen",
    "of_personal_data",
    "rejected_before",
    "rejects_listed_values",
    "suggested_already",
    "suggested_later",
    "values_not_writable",
    "values_too_long",
]


def values_not_writable() -> str:
    """A bound or a listed value is one that no rule can name so that DQX applies it right.

    NaN, infinities, bytes, dates before the year 1000, times before October 1582.

    Cure: none needed; a range keeps its other bound.
    """
    return "its values can't be written in a rule"


def no_values_seen() -> str:
    """Every row that was looked at lacks a value in the column, so no rule can rest on values.

    DQX suggests that no text of such a column is empty: there is none.

    Cure: none needed, or fill the column and ask for a new run.
    """
    return "no row that was looked at has a value in its column"


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


def in_contract() -> str:
    """The contract has the very check: as a quality check, or as `required` or `unique`.

    Cure: none needed.
    """
    return "the contract has it"


def accepted_before() -> str:
    """People accepted the very check of an earlier run.

    The contract has a newer rule of the same columns in its place, or the worker cannot read the
    contract's rules.

    Cure: none needed; write the rule by hand if it is wanted after all.
    """
    return "it was accepted before"


def rejected_before() -> str:
    """People rejected the very check of an earlier run, of this contract or of another version.

    Cure: none needed; write the rule by hand if it is wanted after all.
    """
    return "it was rejected before"


def suggested_already() -> str:
    """The run was done before and set back, and its suggestion from then still waits.

    People may be deciding on that one, so it stays as it is.

    Cure: decide on it, or ask for a new run.
    """
    return "the run has suggested it before, with other values"


def suggested_later() -> str:
    """A run that was asked for later suggests it already, and people see the latest run's alone.

    Cure: none needed.
    """
    return "a later run suggests it"


def of_personal_data() -> str:
    """The contract classifies the column as personal, and the check would publish its values.

    Cure: correct the property's classification, or DQX_WORKER_PERSONAL.
    """
    return "it names values of a column of personal data"


def rejects_listed_values() -> str:
    """DQX suggests a list for the column, and a rule that rejects values of that list.

    A range, or a rule that no text is empty.

    Cure: none needed; DQX_WORKER_CONTRADICTIONS=true suggests both.
    """
    return "it rejects values that are in the list for its column"


def left_out() -> str:
    """The check's function is one that the run, or the worker's setting, leaves out.

    Cure: take it out of `leave_out` of the run's options, or of DQX_WORKER_LEAVE_OUT.
    """
    return "its function is left out"
