"""From a profile to the checks that may become suggestions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from worker.checks.case_twins import NO_TWINS, Twins
from worker.checks.column_names import PropertyNames, columns_of, segments
from worker.checks.identity import suggestion_id
from worker.checks.implementation import MAX_IMPLEMENTATION, implementation
from worker.checks.personal_data import PersonalColumns, holds_values
from worker.checks.portable_arguments import portable
from worker.counting.check import Check
from worker.judging.errors import estimated_instead
from worker.judging.proposal import Proposal
from worker.kinds.column_kind import ColumnKind
from worker.kinds.names import is_row_number
from worker.profiling.results import Candidate, TableProfile
from worker.suggestions import errors
from worker.suggestions.held_back import HeldBack, hold_back
from worker.suggestions.masked_values import is_placeholder
from worker.suggestions.options import CheckOptions
from worker.tables.column_paths import path_of

__all__ = ["Draft", "Drafts", "draft_suggestions"]

_OF_PEOPLE = frozenset(
    {ColumnKind.EMAIL, ColumnKind.NATIONAL_ID, ColumnKind.PERSONAL, ColumnKind.PHONE}
)
# Characters. The backend has an index on property_name, and Postgres takes 2,704 bytes in one.
_MAX_NAME = 600


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
    proposal: Proposal | None = None
    """What the judge looks at; None if nothing is judged."""
    public: bool = True
    """Whether values of its columns may be published."""

    @property
    def is_finding(self) -> bool:
        """Whether it is proposed because a few rows break it."""
        return self.proposal is not None and self.proposal.finding


@dataclass(frozen=True, slots=True)
class Drafts:
    """What a profile gives: checks to suggest, and those that are not suggested."""

    drafts: list[Draft]
    held_back: HeldBack
    twins: Twins = NO_TWINS
    """Of the table."""


def draft_suggestions(
    profile: TableProfile,
    *,
    run_id: str,
    schema_name: str,
    properties: Sequence[str],
    personal: PersonalColumns,
    options: CheckOptions,
    proposals: Sequence[Proposal] | None = None,
) -> Drafts:
    """Return each different check of a profile once, in DQX's order.

    `properties` are the names of the contract's top-level properties of this schema object;
    `proposals`, if there are any, take the place of the profile's own candidates.
    """
    drafts: dict[str, Draft] = {}
    held_back: HeldBack = {}
    screen = _Screen(personal, options, profile)
    twins = Twins.among(profile.paths)
    names = PropertyNames(properties, twins)
    without = _without_rules(profile)
    for column, why in without.items():
        hold_back(held_back, column, why)
    screened: set[str] = set()
    for candidate, proposal in _candidates(profile, proposals):
        if candidate.column in without:
            continue
        check = portable(candidate.check, zoneless=candidate.zoneless)
        if check is None:
            hold_back(held_back, candidate.check.name, errors.values_not_writable())
            continue
        property_name, level = _place(check, names)
        if (reason := screen.reason(candidate, check, property_name)) is not None:
            hold_back(held_back, check.name, reason)
            screened.add(candidate.column)
            continue
        alone = candidate.column in screened
        check = replace(check, criticality=options.criticality)
        row_id = suggestion_id(run_id, schema_name, check, twins)
        public = screen.publishes(candidate, check) and not _is_of_people(proposal)
        judged = _without_substitute(proposal) if alone else proposal
        draft = Draft(row_id, check, candidate, property_name, level, judged, public)
        if row_id not in drafts or _is_held_back(drafts[row_id]):
            drafts[row_id] = draft
    return Drafts(list(drafts.values()), held_back, twins)


def _without_rules(profile: TableProfile) -> Mapping[str, str]:
    """Return why no rule is made of some columns, by their paths."""
    of_columns = profile.statistics.items() if profile.sample.rows else ()
    empty = [path for path, one in of_columns if one.get("count_non_null") == 0]
    numbers = filter(is_row_number, profile.paths)
    return dict.fromkeys(empty, errors.no_values_seen()) | dict.fromkeys(
        numbers, errors.of_row_numbers()
    )


def _candidates(
    profile: TableProfile, proposals: Sequence[Proposal] | None
) -> Iterable[tuple[Candidate, Proposal | None]]:
    if proposals is None:
        return ((one, None) for one in profile.candidates)
    return ((one.candidate, one) for one in proposals)


def _without_substitute(proposal: Proposal | None) -> Proposal | None:
    """Return a proposal that no other one replaces: the one that would names values, say."""
    if proposal is None or proposal.held_back != estimated_instead():
        return proposal
    return replace(proposal, held_back=None)


def _is_of_people(proposal: Proposal | None) -> bool:
    """Return whether the values are of people by what they are, whatever the contract says."""
    return proposal is not None and proposal.kind in _OF_PEOPLE


def _is_held_back(draft: Draft) -> bool:
    """Return whether another proposal of the same check may take the draft's place."""
    return draft.proposal is not None and draft.proposal.held_back is not None


@dataclass(frozen=True, slots=True)
class _Screen:
    """What keeps a check from being suggested."""

    personal: PersonalColumns
    options: CheckOptions
    profile: TableProfile

    def reason(self, candidate: Candidate, check: Check, property_name: str | None) -> str | None:
        """Return why a check is held back; None if it is not."""
        # A range of which one bound stays is of another function than DQX's.
        if {check.function, candidate.check.function} & set(self.options.leave_out):
            return errors.left_out()
        if candidate.column in self.personal and holds_values(check):
            return errors.of_personal_data()
        if holds_values(check) and self.profile.hidden.rows:
            return errors.of_filtered_table()
        if holds_values(check) and candidate.column in self.profile.hidden:
            return errors.of_masked_column()
        if holds_values(check) and self._values(candidate.column) < self.options.min_rows:
            return errors.of_few_values()
        if len(implementation(check)) > MAX_IMPLEMENTATION:
            return errors.values_too_long()
        if is_placeholder(check):
            return errors.of_placeholder()
        if property_name and len(property_name) > _MAX_NAME:
            return errors.column_name_too_long()
        return None

    def publishes(self, candidate: Candidate, check: Check) -> bool:
        """Return whether values of the columns of a check may be published."""
        columns = [path_of(segments(one)) for one in columns_of(check.arguments)]
        hidden = self.profile.hidden
        return (
            bool(columns)
            and not hidden.rows
            and not any(
                one in self.personal or one in hidden for one in (candidate.column, *columns)
            )
        )

    def _values(self, column: str) -> int:
        """Return how many values a column has among the rows that were looked at."""
        rows = self.profile.sample.rows
        known = self.profile.statistics.get(column, {}).get("count_non_null")
        return min(known, rows) if isinstance(known, int) else rows


def _place(check: Check, names: PropertyNames) -> tuple[str | None, str]:
    """Return the property that a check is about, and its level.

    Only a check of one top-level column that the contract knows belongs to a property. A nested
    column is named by its whole path, because its last name may be that of another property.
    """
    columns = columns_of(check.arguments)
    if len(columns) != 1:
        return None, "object"
    (column,) = columns
    found = names.meant_by(column)
    return (found, "property") if found else (".".join(segments(column)), "object")
