"""The row of suggested_quality_checks that a check becomes."""

import json
from dataclasses import dataclass
from typing import Any

from worker.checks import errors
from worker.checks.columns import property_of, segments
from worker.checks.identity import suggestion_id
from worker.checks.literals import portable
from worker.checks.words import describe, dimension, rule_text
from worker.profiling.check import Check
from worker.profiling.profile import Candidate, SampleFacts, Sampling, TableProfile

__all__ = ["SuggestionRow", "Suggestions", "implementation", "suggest"]

_SEVERITY = {"error": "error", "warn": "warning"}
# Characters. A rule with values of a megabyte is none that people could judge.
_MAX_IMPLEMENTATION = 20_000
# Characters. The backend has an index on property_name, and Postgres takes 2,704 bytes in one.
_MAX_NAME = 600
# From here on DQX's descriptions repeat extreme values of the column.
_VALUES_FOLLOW = (" avg=", " Lower boundary")


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """The columns that the worker fills; all others of the table stay NULL.

    `implementation` is the check as one line of JSON, in the form that DQX reads.
    """

    id: str
    property_name: str | None
    name: str
    description: str
    level: str
    dimension: str
    severity: str
    type: str
    rule: str
    engine: str
    implementation: str
    rationale: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a profile gives: rows for people, and the checks that are not suggested."""

    rows: list[SuggestionRow]
    held_back: dict[str, str]
    """The reason, by the name of the check."""


def suggest(
    profile: TableProfile, *, run_id: str, schema_name: str, properties: tuple[str, ...]
) -> Suggestions:
    """Return one row for each different check of a profile, in DQX's order.

    `properties` are the names of the contract's properties of this schema object.
    """
    rows: dict[str, SuggestionRow] = {}
    held_back: dict[str, str] = {}
    for candidate in profile.candidates:
        check = portable(candidate.check)
        if check is None:
            held_back[candidate.check.name] = errors.values_not_writable()
            continue
        written = implementation(check)
        if len(written) > _MAX_IMPLEMENTATION:
            held_back[check.name] = errors.values_too_long()
            continue
        row_id = suggestion_id(run_id, schema_name, check)
        property_name, level = _place(check, properties)
        if property_name and len(property_name) > _MAX_NAME:
            held_back[check.name[:_MAX_NAME]] = errors.column_name_too_long()
            continue
        rows.setdefault(
            row_id,
            SuggestionRow(
                id=row_id,
                property_name=property_name,
                name=check.name,
                description=describe(check.function),
                level=level,
                dimension=dimension(check.function),
                severity=_SEVERITY.get(check.criticality, "error"),
                type="custom",
                rule=rule_text(check),
                engine="dqx",
                implementation=written,
                rationale=_rationale(candidate, profile.sample),
            ),
        )
    return Suggestions(list(rows.values()), held_back)


def implementation(check: Check) -> str:
    """Return the check as one line of JSON."""
    fields: dict[str, Any] = {
        "check": {"function": check.function, "arguments": dict(check.arguments)},
        "name": check.name,
        "criticality": check.criticality,
    }
    if check.filter:
        fields["filter"] = check.filter
    if check.user_metadata:
        fields["user_metadata"] = dict(check.user_metadata)
    return json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _place(check: Check, properties: tuple[str, ...]) -> tuple[str | None, str]:
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


def _rationale(candidate: Candidate, sample: SampleFacts) -> str:
    parts = []
    if candidate.description:
        text = candidate.description
        for mark in _VALUES_FOLLOW:
            text = text.split(mark)[0]
        parts.append(text.strip().rstrip(".") + ".")
    parts.append(_looked_at(sample))
    if candidate.check.filter:
        parts.append(f"Only rows where {candidate.check.filter}.")
    return " ".join(parts)


def _looked_at(sample: SampleFacts) -> str:
    if sample.whole:
        return f"Rests on all {sample.rows:,} rows of the table."
    looked_at = f"Rests on {sample.rows:,} of {sample.of_rows:,} rows"
    cut = sample.limit is not None and sample.rows >= sample.limit
    if sample.sampling is Sampling.REPRESENTATIVE and not cut:
        return f"{looked_at}, drawn at random from the whole table (seed {sample.seed})."
    share = (sample.fraction or 0) * 100
    part = f"a random {share:.6g}% of them (seed {sample.seed})"
    drawn = f"the first {sample.limit:,} of {part}" if cut else part
    return f"{looked_at}: {drawn}."
