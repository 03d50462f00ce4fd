"""Candidates under the columns' own names, and trials under the names of the profiled frame."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from worker.counting.check import COLUMN_ARGUMENTS, Check
from worker.profiling.results import Candidate, Trial
from worker.sampling.rename_columns import Names
from worker.tables.column_paths import quoted

__all__ = ["candidate_of_table", "trial_of_frame"]


def candidate_of_table(one: Candidate, names: Names) -> Candidate:
    """Return a candidate of the profiled frame as a candidate of the table."""
    column = names.in_table(one.column)
    if column == one.column:
        return one
    check = _with_columns(one.check, names.in_table)
    check = replace(check, name=names.in_words(check.name))
    description = one.description and names.in_words(one.description)
    return replace(one, check=check, column=column, description=description)


def trial_of_frame(one: Trial, names: Names) -> Trial:
    """Return a trial of a check of the table as a trial on the profiled frame."""
    path = names.in_frame(one.column)
    if path == one.column:
        return one
    argument = ".".join(map(quoted, path.split(".")))
    return Trial(path, _with_columns(one.check, lambda _: argument))


def _with_columns(check: Check, change: Callable[[str], str]) -> Check:
    def changed(value: Any) -> Any:
        return change(value) if isinstance(value, str) else [change(one) for one in value]

    arguments = {
        name: changed(value) if name in COLUMN_ARGUMENTS and value else value
        for name, value in check.arguments.items()
    }
    return replace(check, arguments=arguments)
