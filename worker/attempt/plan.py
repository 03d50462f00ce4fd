"""From a request to the tables that it means, or to a sentence that says why it means none."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches

from worker.attempt.options import AttemptOptions
from worker.contracts.load import SchemaObject
from worker.database.text import storable
from worker.queue.run import Run

__all__ = ["PlannedTable", "RequestRefused", "plan", "requested_names"]

_EXAMPLE = 'expected a JSON array of schema names such as ["orders"]'
_LISTED = 20


class RequestRefused(Exception):
    """The request can't be worked on at all; the message is for whoever sent it."""


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A schema name with what is to be profiled for it, or with why that can't be done."""

    schema_name: str
    physical_name: str | None
    properties: tuple[str, ...] = ()
    problem: str | None = None


def requested_names(run: Run, attempt: int, options: AttemptOptions) -> list[str]:
    """Return the schema names of a request, each once, in its order.

    Raises `RequestRefused`.
    """
    if attempt == 1 and run.age > options.max_request_age:
        raise RequestRefused(
            f"The request is {_told(run.age)} old and was never worked on; requests older than "
            f"{_told(options.max_request_age)} (DQX_WORKER_MAX_REQUEST_AGE) are not begun: "
            "send a new one"
        )
    if run.schema_names is None:
        raise RequestRefused(f"The request has no schema_names: {_EXAMPLE}")
    try:
        names = json.loads(run.schema_names)
    except (ValueError, RecursionError) as error:
        raise RequestRefused(f"schema_names is not JSON: {_EXAMPLE}") from error
    if not isinstance(names, list):
        raise RequestRefused(f"schema_names is not an array: {_EXAMPLE}")
    if not names:
        raise RequestRefused(f"schema_names is empty: {_EXAMPLE}")
    if not all(isinstance(name, str) for name in names):
        raise RequestRefused(f"schema_names holds something that is not text: {_EXAMPLE}")
    unique = list(dict.fromkeys(map(storable, names)))
    if len(unique) > options.max_schemas:
        raise RequestRefused(
            f"The request names {len(unique)} schemas, the limit is {options.max_schemas} "
            "(DQX_WORKER_MAX_SCHEMAS): send several requests"
        )
    return unique


def plan(
    names: Sequence[str], contract_id: str, objects: Sequence[SchemaObject]
) -> list[PlannedTable]:
    """Find each name among the contract's schema objects.

    Raises `RequestRefused` where the contract has none.
    """
    if not objects:
        raise RequestRefused(
            f"Contract {contract_id} has no schema objects: add one with a physical name"
        )
    return [_planned(name, objects) for name in names]


def _planned(name: str, objects: Sequence[SchemaObject]) -> PlannedTable:
    found = [candidate for candidate in objects if candidate.name == name]
    if not found:
        return PlannedTable(
            name, None, problem=f"the contract has no schema {name!r}; {_known(name, objects)}"
        )
    if len(found) > 1:
        return PlannedTable(
            name,
            None,
            problem=f"the contract has {len(found)} schemas named {name!r}: rename all but one",
        )
    (only,) = found
    if not (only.physical_name or "").strip():
        return PlannedTable(
            name, None, only.properties, "the schema has no physical name: give it a table to read"
        )
    return PlannedTable(name, only.physical_name, only.properties)


def _known(name: str, objects: Sequence[SchemaObject]) -> str:
    """Return the names that there are, the nearest first."""
    names = sorted({candidate.name for candidate in objects})
    near = get_close_matches(name, names, n=_LISTED)
    ordered = near + [other for other in names if other not in near]
    more = len(ordered) - _LISTED
    listed = ", ".join(ordered[:_LISTED])
    return f"it has {listed}" + (f" and {more} more" if more > 0 else "")


def _told(age: timedelta) -> str:
    """Return an age as people say it: 25 h, 1 h 35 min, 40 s."""
    minutes, seconds = divmod(round(age.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
