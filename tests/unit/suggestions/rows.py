"""Checks, and the rows that they become."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from worker.checks.identity import suggestion_id
from worker.checks.implementation import implementation
from worker.checks.odcs_rules import KnownProperty
from worker.checks.personal_data import PersonalColumns
from worker.checks.stored_checks import KnownRow
from worker.checks.words import rule_text
from worker.counting.check import Check, Passed
from worker.profiling.results import Candidate, Evidence, TableProfile
from worker.sampling.sample_facts import (
    NOTHING_HIDDEN,
    Counted,
    Counting,
    Hidden,
    SampleFacts,
    Sampling,
)
from worker.suggestions.decisions import Decision, When
from worker.suggestions.draft import Draft, Drafts, draft_suggestions
from worker.suggestions.existing_checks import ContractChecks, ExistingChecks
from worker.suggestions.options import CheckOptions
from worker.suggestions.rules_of_schema import ContractRule
from worker.suggestions.suggest import suggest
from worker.suggestions.suggest_again import Tried, to_try
from worker.suggestions.suggestion_row import SuggestionRow

FETCHED = Counted(Counting.FETCHED)
WHOLE = SampleFacts(
    rows=1234, of_rows=1234, sampling=Sampling.WHOLE, fraction=None, limit=5000, seed=None
)
PART = SampleFacts(
    rows=998, of_rows=10_000, sampling=Sampling.STOCK, fraction=0.1, limit=5000, seed=42
)
RUN, SCHEMA = "run", "orders"
NOT_NULL = Check("is_not_null", {"column": "id"}, "id_is_null", "error")
RANGE = Check("is_in_range", {"column": "price", "min_limit": 1, "max_limit": 9}, "r", "warn")


SEEN = 44
"""Characters of a rule that the backend shows."""


def rule(function: str, filter_: str | None = None, /, **arguments: Any) -> str:
    """Return the rule of a check of column `c`, if no other is given."""
    return rule_text(check_of(function, filter_, **arguments))


def check_of(function: str, filter_: str | None = None, /, **arguments: Any) -> Check:
    return Check(function, {"column": "c", **arguments}, "name", "error", filter_)


def rows_of(
    *checks: Check,
    properties: Sequence[str] = ("id", "Price", "zip"),
    description: str | None = None,
    sample: SampleFacts = WHOLE,
    evidence: Evidence | None = None,
    known: ExistingChecks | None = None,
    options: CheckOptions | None = None,
) -> list[SuggestionRow]:
    drafts = drafts_of(
        *checks, properties=properties, description=description, sample=sample, options=options
    ).drafts
    known = known or ExistingChecks()
    found = {draft.id: evidence or Evidence() for draft in drafts}
    return suggest(drafts, replace(broken(drafts, known), drafts=found), sample, known).rows


def broken(drafts: Iterable[Draft], known: ExistingChecks, rows: int = WHOLE.rows) -> Tried:
    """Return what becomes of trials if of the rows so many break the settled rules."""
    found = Evidence(Passed(WHOLE.rows, WHOLE.rows - rows))
    return Tried(settled={form: found for draft in drafts for form, _ in to_try(draft, known)})


def drafts_of(
    *checks: Check,
    properties: Sequence[str] = (),
    description: str | None = None,
    sample: SampleFacts = WHOLE,
    column: str = "column",
    personal: PersonalColumns | None = None,
    options: CheckOptions | None = None,
    statistics: Mapping[str, Mapping[str, Any]] | None = None,
    nans: int = 0,
    hidden: Hidden = NOTHING_HIDDEN,
) -> Drafts:
    candidates = [Candidate(check, "profile", column, description, nans) for check in checks]
    return draft_suggestions(
        TableProfile(
            "main.shop.orders",
            3,
            sample,
            FETCHED,
            statistics or {},
            1,
            tuple(candidates),
            {},
            hidden=hidden,
        ),
        run_id=RUN,
        schema_name=SCHEMA,
        properties=tuple(properties),
        personal=personal or PersonalColumns(),
        options=options or CheckOptions(),
    )


def names_of(rows: Iterable[SuggestionRow]) -> list[str]:
    """Return DQX's own names of the checks in rows."""
    return [json.loads(row.implementation)["name"] for row in rows]


def custom(check: Check | str, severity: str | None = None) -> KnownRow:
    """A row of DQX's, of a contract or a suggestion."""
    text = check if isinstance(check, str) else implementation(check)
    return KnownRow(type="custom", engine="dqx", severity=severity, implementation=text)


def decision(
    id_: str,
    status: str,
    when: When,
    row: KnownRow,
    *,
    version: str | None = None,
    schema_name: str = SCHEMA,
) -> Decision:
    return Decision(id_, status, when, schema_name, row, version)


def own(check: Check, status: str = "pending") -> Decision:
    """A suggestion that the run has made before it was set back."""
    return decision(suggestion_id(RUN, SCHEMA, check), status, When.OWN, custom(check))


def known_of(
    rows: Sequence[KnownRow] = (),
    properties: Sequence[KnownProperty] = (),
    decisions: Sequence[Decision] = (),
    *,
    readable: bool = True,
) -> ExistingChecks:
    """What is known of the schema `orders`; `rows` are rules that are stored under it."""
    rules = [ContractRule(row, SCHEMA) for row in rows]
    return ExistingChecks.of(RUN, SCHEMA, ContractChecks(rules, properties, readable), decisions)


def row_of(check: Check, **options: Any) -> SuggestionRow:
    (row,) = rows_of(check, **options)
    return row
