"""Why a check is held back instead of suggested, as `held_back` in summary_stats says it.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.telemetry.cures import message

__all__ = [
    "accepted_before",
    "caught_by_others",
    "column_name_too_long",
    "in_contract",
    "left_out",
    "no_values_seen",
    "of_few_values",
    "of_filtered_table",
    "of_masked_column",
    "of_personal_data",
    "of_placeholder",
    "of_row_numbers",
    "over_limit",
    "refuted",
    "refuted_by_blanks",
    "rejected_alike",
    "rejected_before",
    "rejects_listed_values",
    "settled_holds",
    "settled_untried",
    "suggested_already",
    "suggested_later",
    "values_not_writable",
    "values_too_long",
]


@message(cure="none needed; a range keeps its other bound.")
def values_not_writable() -> str:
    """A bound or a listed value is one that no rule can name so that DQX applies it right.

    NaN, infinities, bytes, dates before the year 1000, times before October 1582.
    """
    return "its values can't be written in a rule"


@message(cure="none needed, or fill the column and ask for a new run.")
def no_values_seen() -> str:
    """No row that was looked at has a value in this column, so no rule can rest on values."""
    return "the column is always empty"


@message(cure="none needed; drop the column, or rename it if it means something.")
def of_row_numbers() -> str:
    """The column is `Unnamed: 0`, as which pandas reads the row numbers of a table that it saved.

    They say nothing about the rows, and begin anew with each load.
    """
    return "the column holds row numbers of a file"


@message(cure="none needed; write such a rule by hand if it is wanted.")
def values_too_long() -> str:
    """The listed values together are longer than a rule that people could judge."""
    return "its values are too long for a rule"


@message(cure="shorten the column's name.")
def column_name_too_long() -> str:
    """The column's name is longer than the backend's index on `property_name` takes."""
    return "its column's name is too long"


@message(cure="none needed.")
def in_contract() -> str:
    """The contract has the very check: as a quality check, or as `required` or `unique`."""
    return "the contract has it"


@message(cure="none needed; write the rule by hand if it is wanted after all.")
def accepted_before() -> str:
    """People accepted the very check of an earlier run.

    The contract has a newer rule of the same columns in its place, or the worker cannot read the
    contract's rules.
    """
    return "it was accepted before"


@message(cure="none needed; write the rule by hand if it is wanted after all.")
def rejected_before() -> str:
    """People rejected the very check of an earlier run, of this contract or of another version."""
    return "it was rejected before"


@message(cure="none needed; change the rule by hand if other values are wanted.")
def settled_holds() -> str:
    """The contract has a rule of the same function and columns with other values.

    All rows that were tried pass it. Or it is a range, rows fail the new range, too, and no bound
    moved by more than DQX_WORKER_REJECTED_CHANGE of its width.
    """
    return "the contract has such a rule with other values, and no row calls for new ones"


@message(cure="none needed; change the rule by hand if other values are wanted.")
def settled_untried() -> str:
    """The contract has a rule of the same function and columns with other values.

    It could not be tried on rows: its values are SQL, or of another type than the column's.
    """
    return "the contract has such a rule with other values, which could not be tried"


@message(
    cure=(
        "none needed; write the rule by hand if it is wanted, or lower DQX_WORKER_REJECTED_CHANGE."
    )
)
def rejected_alike() -> str:
    """People rejected a check of the same function and columns whose values hardly differ.

    Of a range neither bound moved by more than a share of the range's width. Of a list, and of
    other rules, the rows that fail the rejected one are no greater share.
    """
    return "such a rule was rejected before, and its subject has hardly changed"


@message(cure="decide on it, or ask for a new run.")
def suggested_already() -> str:
    """The run was done before and set back, and its suggestion from then still waits.

    People may be deciding on that one, so it stays as it is.
    """
    return "the run has suggested it before, with other values"


@message(cure="none needed.")
def suggested_later() -> str:
    """A run that was asked for later suggests it already, and people see the latest run's alone."""
    return "a later run suggests it"


@message(cure="correct the property's classification, or DQX_WORKER_PERSONAL.")
def of_personal_data() -> str:
    """The contract classifies the column as personal, and the check would publish its values."""
    return "it names values of a column of personal data"


@message(cure="none needed; DQX_WORKER_CONTRADICTIONS=true suggests both.")
def rejects_listed_values() -> str:
    """DQX suggests a list for the column, and a rule that rejects values of that list.

    A range, or a rule that no text is empty.
    """
    return "it rejects values that are in the list for its column"


@message(
    cure=(
        "remove the blanks; to list the values as they are, set the profiler option `trim_strings` "
        "to false."
    )
)
def refuted_by_blanks() -> str:
    """Values have blanks around them: DQX trims values before it lists them, its check does not.

    A table's own padding (`CHAR(5)`) has the same effect.
    """
    return "blanks around values: the list has them trimmed, so rows that it was made of fail"


@message(cure="none needed.")
def refuted() -> str:
    """More than half of the rows that DQX made the rule of fail it."""
    return "most rows that it was made of fail"


@message(cure="none needed; DQX_WORKER_MIN_ROWS sets how many it takes.")
def of_few_values() -> str:
    """The column has fewer values in the rows that were looked at than a bound or a list needs."""
    return "too few values for a range or a list"


@message(cure="write such rules by hand.")
def of_masked_column() -> str:
    """Unity Catalog has a mask on the column: what the worker reads may be no value of it."""
    return "the catalog masks its column"


@message(cure="write such rules by hand.")
def of_filtered_table() -> str:
    """Unity Catalog has a row filter on the table: the worker may see only some of its rows."""
    return "the catalog filters the table's rows"


@message(cure="let the worker's role read the column, if its values may be published.")
def of_placeholder() -> str:
    """All values that were seen are one placeholder such as `***`: the column is masked."""
    return "all its values are a placeholder, as of a masked column"


@message(
    cure=(
        "decide on those that are there and ask for a new run, or raise DQX_WORKER_MAX_SUGGESTIONS."
    )
)
def over_limit() -> str:
    """The table has more suggestions than one table may have.

    Findings are kept, and what catches most of the errors that were tried on the column.
    """
    return "the table has more suggestions than it may have"


@message(cure="nothing.")
def caught_by_others() -> str:
    """Other checks of the column catch each error that the check caught when errors were tried."""
    return "other suggestions for its column catch what it would"


@message(cure="take it out of `leave_out` of the run's options, or of DQX_WORKER_LEAVE_OUT.")
def left_out() -> str:
    """The check's function is one that the run, or the worker's setting, leaves out."""
    return "its function is left out"
