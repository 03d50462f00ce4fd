"""From a profile to the checks that may become suggestions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from worker.checks import errors
from worker.checks.columns import property_of, segments
from worker.checks.identity import suggestion_id
from worker.checks.implementation import MAX_IMPLEMENTATION, implementation
from worker.checks.literals import portable
from worker.checks.options import CheckOptions
from worker.checks.personal import PersonalColumns, holds_values
from worker.profiling.check import Check
from worker.profiling.profile import Candidate, TableProfile

__all__ = ["Draft", "Drafts", "draft_suggestions"]

# Characters. The backend has an index on property_name, and Postgres takes 2,704 bytes in one.
_MAX_NAME = 600
_LIST = "is_in_list"
_LIMITS = {
    "is_in_range": ("min_limit", "max_limit"),
    "is_not_less_than": ("limit", None),
    "is_not_greater_than": (None, "limit"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A check on its way to a row."""

    id: str
    check: Check
    """As it will be written."""
    candidate: Candidate
    """As DQX gave it."""
    property_name: str | None
    level: str


@dataclass(frozen=True, slots=True)
class Drafts:
    """What a profile gives: checks to suggest, and those that are not suggested."""

    drafts: list[Draft]
    held_back: dict[str, str]
    """The reason, by the name of the check."""


def draft_suggestions(
    profile: TableProfile,
    *,
    run_id: str,
    schema_name: str,
    properties: Sequence[str],
    personal: PersonalColumns,
    options: CheckOptions,
) -> Drafts:
    """Return each different check of a profile once, in DQX's order.

    `properties` are the names of the contract's top-level properties of this schema object.
    """
    drafts: dict[str, Draft] = {}
    held_back: dict[str, str] = {}
    screen = _Screen(personal, options, _lists(profile.candidates, options))
    for candidate in profile.candidates:
        check = portable(candidate.check)
        if check is None:
            held_back[candidate.check.name[:_MAX_NAME]] = errors.values_not_writable()
            continue
        property_name, level = _place(check, properties)
        if (reason := screen.reason(candidate, check, property_name)) is not None:
            held_back[check.name[:_MAX_NAME]] = reason
            continue
        check = replace(check, criticality=options.criticality or check.criticality)
        row_id = suggestion_id(run_id, schema_name, check)
        drafts.setdefault(row_id, Draft(row_id, check, candidate, property_name, level))
    return Drafts(list(drafts.values()), held_back)


@dataclass(frozen=True, slots=True)
class _Screen:
    """What keeps a check from being suggested."""

    personal: PersonalColumns
    options: CheckOptions
    lists: Mapping[str, Sequence[Any]]

    def reason(self, candidate: Candidate, check: Check, property_name: str | None) -> str | None:
        """Return why a check is held back; None where it is not."""
        if check.function in self.options.leave_out:
            return errors.left_out()
        if candidate.column in self.personal and holds_values(check):
            return errors.of_personal_data()
        if len(implementation(check)) > MAX_IMPLEMENTATION:
            return errors.values_too_long()
        if property_name and len(property_name) > _MAX_NAME:
            return errors.column_name_too_long()
        listed = self.lists.get(candidate.column, ())
        return errors.rejects_listed_values() if _rejects(check, listed) else None


def _lists(candidates: Iterable[Candidate], options: CheckOptions) -> dict[str, list[Any]]:
    """Return by column the values of the lists that a range may not contradict."""
    if options.contradictions or _LIST in options.leave_out:
        return {}
    return {
        one.column: list(one.check.arguments.get("allowed") or [])
        for one in candidates
        if one.check.function == _LIST
    }


def _rejects(check: Check, values: Iterable[Any]) -> bool:
    """Tell whether a range rejects one of the values that a list allows: numbers, both."""
    names = _LIMITS.get(check.function, (None, None))
    low, high = (check.arguments.get(name) if name else None for name in names)
    return any(
        (_is_number(low) and value < low) or (_is_number(high) and value > high)
        for value in values
        if _is_number(value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _place(check: Check, properties: Sequence[str]) -> tuple[str | None, str]:
    """Return the property that a check is about, and its level.

    Only a check of one top-level column that the contract knows belongs to a property. A
    nested column is told by its whole path: its leaf may be the name of another property.
    """
    arguments = check.arguments
    columns = arguments.get("column") or arguments.get("col_name")
    columns = columns or arguments.get("columns") or arguments.get("col_names") or []
    if isinstance(columns, str):
        columns = [columns]
    if len(columns) != 1:
        return None, "object"
    (column,) = columns
    found = property_of(column, properties)
    return (found, "property") if found else (".".join(segments(column)), "object")
