"""From a request to the tables that it means, or to a sentence that says why it means none."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256

from worker.attempt import errors
from worker.attempt.options import AttemptOptions
from worker.attempt.similar_names import Names
from worker.backend.contracts.load import KnownNames
from worker.backend.contracts.schema import (
    MAX_CHARACTERS,
    MAX_PROPERTIES,
    MAX_PROPERTIES_OF_RUN,
    MAX_TEXT,
    SchemaObject,
    Unread,
)
from worker.checks.personal_data import PersonalColumns, names_personal_data
from worker.database.storable_text import storable
from worker.queue.claimed_run import LONGEST_SCHEMA_NAMES, Run
from worker.row_filters.check_filter import names_and_values
from worker.sampling.dqx_options import DqxOptions
from worker.suggestions.options import CheckOptions
from worker.tables.errors import TableError
from worker.telemetry.text import NAME_LIMIT, bounded

__all__ = ["MAX_NAME", "PlannedTable", "parsed_names", "plan", "plan_again", "requested_names"]

_LISTED = 20
_COMPARED = 20
"""Number of unknown names of a request that are compared with those that exist."""
MAX_NAME = 600
"""Characters: the worker's indexes and the backend's take no more than 2,704 bytes."""
_BEGINNING, _HASHED = 100, 32
"""Characters of a longer name, and of its hash, that stand for it."""


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A schema name with what is to be profiled for it, or with why that can't be done."""

    schema_name: str
    physical_name: str | None
    properties: tuple[str, ...] = ()
    personal: PersonalColumns = field(default_factory=PersonalColumns)
    profiler: DqxOptions = field(default_factory=DqxOptions)
    checks: CheckOptions = field(default_factory=CheckOptions)
    logical_types: Mapping[str, str] = field(default_factory=dict)
    """Of the columns for which the contract has one, by their paths, case-folded."""
    personal_words: tuple[str, ...] = ()
    """The words that classify a column as personal."""
    problem: str | None = None

    def logical_type(self, path: str) -> str | None:
        """Return what the contract says that a column holds; None if it is silent."""
        return self.logical_types.get(path.casefold())

    def profiled_as(self, profiler: DqxOptions, checks: CheckOptions) -> "PlannedTable":
        """Return the table with its options."""
        names, values = names_and_values(profiler.filter or "")
        problem = self.problem
        if problem is None and values and self.personal.may_be_named(names):
            problem = errors.personal_filter()
        return replace(self, profiler=profiler, checks=checks, problem=problem)


def requested_names(run: Run, attempt: int, options: AttemptOptions) -> list[str]:
    """Return the schema names of a request, each once, in its order.

    Raises `RequestRefused`.
    """
    if attempt == 1 and run.age > options.max_request_age:
        raise errors.too_old(_age_text(run.age), _age_text(options.max_request_age))
    if run.schema_names is None:
        raise errors.no_schema_names()
    names = parsed_names(run.schema_names)
    if len(names) > options.max_schemas:
        raise errors.too_many_schemas(len(names), options.max_schemas)
    return names


def parsed_names(text: str) -> list[str]:
    """Return the schema names in a JSON array, each once, in its order. Raises `RequestRefused`."""
    if len(text) > LONGEST_SCHEMA_NAMES:
        raise errors.names_too_long(f"{LONGEST_SCHEMA_NAMES:,}")
    try:
        names = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise errors.not_json() from error
    if not isinstance(names, list):
        raise errors.not_an_array()
    if not names:
        raise errors.no_names()
    if not all(isinstance(name, str) for name in names):
        raise errors.not_text()
    return list(dict.fromkeys(map(storable, names)))


def plan(
    names: Sequence[str],
    contract_id: str,
    objects: Sequence[SchemaObject],
    personal: Sequence[str] = (),
    known: KnownNames | None = None,
) -> list[PlannedTable]:
    """Find each name among the contract's schema objects.

    `personal` are the words that classify a column as personal. `known` are the names of all schema
    objects, needed if a name is not found. Raises `RequestRefused` if the contract has none.
    """
    known = known or KnownNames()
    if not objects and not known.number:
        raise errors.no_schema_objects(contract_id)
    found: dict[str, list[SchemaObject]] = {}
    for candidate in objects:
        found.setdefault(candidate.name, []).append(candidate)
    unknown = _Unknown(known)

    def planned(name: str) -> PlannedTable:
        if len(name) > MAX_NAME:
            problem = errors.name_too_long(MAX_NAME)
            return PlannedTable(_stored_name(name, names), None, problem=problem)
        if name not in found:
            return PlannedTable(name, None, problem=unknown.problem(name))
        return _planned(name, found[name], tuple(personal))

    return [planned(name) for name in names]


def plan_again(table: PlannedTable, objects: Sequence[SchemaObject]) -> PlannedTable:
    """Return a table that was profiled meanwhile as the contract has it now.

    `objects` are the schema objects of its name: an edit may have made a new one. Raises
    `TableError` if there is none, or if it is not the table that was profiled.
    """
    if not objects:
        raise TableError(errors.schema_vanished())
    now = _planned(table.schema_name, objects, table.personal_words)
    now = now.profiled_as(table.profiler, table.checks)
    if now.problem is not None:
        raise TableError(now.problem)
    if now.physical_name != table.physical_name:
        raise TableError(errors.physical_name_changed())
    return now


def _stored_name(name: str, others: Sequence[str]) -> str:
    """Return what stands for a name that no index takes, and for no other of the request."""
    hashed = sha256(name.encode()).hexdigest()[:_HASHED]
    stored = f"{name[:_BEGINNING]}… ({len(name):,} characters, {hashed})"
    while stored in others:
        stored += "…"
    return stored


def _planned(name: str, found: Sequence[SchemaObject], personal: tuple[str, ...]) -> PlannedTable:
    if (namesakes := sum(one.namesakes for one in found)) > 1:
        problem = errors.ambiguous_schema(_shown(name), namesakes)
        return PlannedTable(name, None, problem=problem)
    (only,) = found
    if (unread := _unread(only)) is not None:
        return PlannedTable(name, None, problem=unread)
    if not (only.physical_name or "").strip():
        return PlannedTable(name, None, only.properties, problem=errors.no_physical_name())
    return PlannedTable(
        name,
        only.physical_name,
        only.properties,
        _personal(only, personal),
        logical_types={
            one.path.casefold(): one.logical_type for one in only.tree if one.logical_type
        },
        personal_words=personal,
    )


def _unread(schema: SchemaObject) -> str | None:
    """Return why a schema object was not read as far as it has to be."""
    if len(schema.physical_name or "") > MAX_TEXT:
        return errors.physical_name_too_long(f"{MAX_TEXT:,}")
    match schema.unread:
        case Unread.TOO_LARGE:
            return errors.schema_too_large(
                f"{MAX_PROPERTIES:,}", f"{MAX_CHARACTERS:,}", f"{MAX_TEXT:,}"
            )
        case Unread.TOO_MANY:
            return errors.too_many_properties(f"{MAX_PROPERTIES_OF_RUN:,}")
    return None


def _personal(table: SchemaObject, words: Sequence[str]) -> PersonalColumns:
    return PersonalColumns(
        frozenset(
            one.path
            for one in table.tree
            if _may_name_personal_data((one.classification, one.options), words)
        ),
        all_of_them=_may_name_personal_data([table.tags], words),
    )


def _may_name_personal_data(texts: Sequence[str | None], words: Sequence[str]) -> bool:
    """Return whether a text has one of the words, or was cut and may have one in its rest."""
    cut = any(text and len(text) > MAX_TEXT for text in texts)
    return (cut and bool(words)) or names_personal_data(texts, words)


def _shown(name: str) -> str:
    return repr(bounded(name, NAME_LIMIT))


class _Unknown:
    """Words for the names of a request that the contract does not have."""

    def __init__(self, known: KnownNames) -> None:
        self._names = Names(known.first)
        self._number = known.number
        self._compared = 0

    def problem(self, name: str) -> str:
        """Return words that list the names that exist; for the first calls the nearest first."""
        self._compared += 1
        nearest = self._compared <= _COMPARED
        ordered = self._names.nearest_first(name) if nearest else self._names.by_alphabet()
        more = self._number - _LISTED
        listed = ", ".join(bounded(other, NAME_LIMIT) for other in ordered[:_LISTED])
        return errors.unknown_schema(
            _shown(name), listed + (f" and {more} more" if more > 0 else "")
        )


def _age_text(age: timedelta) -> str:
    """Return an age as people say it: 25 h, 1 h 35 min, 40 s."""
    minutes, seconds = divmod(round(age.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
