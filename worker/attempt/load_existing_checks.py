"""What the backend has stored that decides about the suggestions for one schema.

It is read twice: first to compute what is written, then in the transaction that writes it, only to
compare. Texts are not among the rows, but their hashes; each text is read once.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import chain

from anyio import from_thread

from worker.backend.contracts import rules
from worker.backend.contracts.load import find_rows, load_versions
from worker.backend.contracts.schema import Rows, SchemaObject, schema_objects
from worker.backend.suggestions import decisions
from worker.checks.case_twins import Twins
from worker.checks.implementation_cache import MAX_CHECKS, Allowance, ImplementationCache, Read
from worker.checks.stored_checks import Row, has_text
from worker.counting.check import Check
from worker.database.limited_threads import in_thread
from worker.database.pool import Connection
from worker.suggestions.existing_checks import ExistingChecks
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Asked", "Stored", "asked_of", "find_stored", "known_now", "known_of", "read_texts"]

log = get_logger(__name__)

Lend = Callable[[], AbstractAsyncContextManager[Connection]]

_BATCH = 1_000_000
"""Characters of texts that one statement returns."""
_texts = ImplementationCache()
"""Shared by all tables: those of one contract have the same texts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """For which run and schema, and what the backend has."""

    run_id: str
    contract_id: str
    schema_name: str
    versions: Mapping[str, str]
    """The versions of the contract, by their ids."""
    readable: bool
    """Whether the backend has a table of checks that the worker may read."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows as they are stored; equal if nothing of them has changed."""

    schema: Rows
    decisions: Sequence[Row]
    rules: Sequence[Row]


async def asked_of(
    connection: Connection, *, run_id: str, contract_id: str, schema_name: str
) -> Asked:
    """Return what a run asks for a schema."""
    versions = await load_versions(connection, contract_id)
    readable = await rules.has_rules(connection)
    return Asked(run_id, contract_id, schema_name, versions, readable)


async def find_stored(connection: Connection, asked: Asked) -> Stored:
    """Return what is stored now."""
    schema = await find_rows(connection, asked.contract_id, [asked.schema_name])
    decided = await decisions.find_decisions(
        connection,
        contract_id=asked.contract_id,
        versions=asked.versions,
        schema_name=asked.schema_name,
        run_id=asked.run_id,
    )
    # After the decisions: what is accepted meanwhile must not look as if it had been lost.
    has = await rules.find_rules(connection, asked.contract_id) if asked.readable else ()
    return Stored(schema, decided, has)


async def read_texts(lend: Lend, stored: Stored) -> Read:
    """Return the checks in the texts of stored rows, as far as they may be read for one table.

    Rows that are left out keep no check from being suggested; their number is logged.
    """
    usable, unread = await _read_texts(lend, stored)
    full = len(stored.rules) == rules.MAX_RULES or len(stored.decisions) == decisions.MAX_DECISIONS
    if unread or full:
        log.warning(
            Event.CHECKS_UNREAD,
            rows=unread,
            of_rows=len(stored.rules) + len(stored.decisions),
            more=full,
        )
    return usable


async def _read_texts(lend: Lend, stored: Stored) -> tuple[Read, int]:
    """Return the checks in texts, and of how many rows the texts are left out."""
    needed = {row["hash"] for row in chain(stored.rules, stored.decisions) if _is_needed(row)}
    found = await in_thread(_texts.known, needed)
    allowance = Allowance()
    for load, rows in (
        (rules.load_implementations, stored.rules),
        (decisions.load_implementations, stored.decisions[::-1]),
    ):
        for ids in _batches(rows, found, allowance):
            async with lend() as connection:
                texts = await load(connection, ids)
            found |= await in_thread(_texts.read, texts, allowance, from_thread.check_cancelled)
    return _usable([*filter(_is_needed, chain(stored.rules, stored.decisions))], found)


async def known_now(
    lend: Lend, *, run_id: str, contract_id: str, schema_name: str, twins: Twins
) -> ExistingChecks:
    """Return what is known of the checks of a schema now; nothing if the contract lacks it.

    `twins` are those of its table.
    """
    async with lend() as connection:
        asked = await asked_of(
            connection, run_id=run_id, contract_id=contract_id, schema_name=schema_name
        )
        stored = await find_stored(connection, asked)
    texts, _ = await _read_texts(lend, stored)

    def known() -> ExistingChecks:
        schemas = schema_objects(stored.schema)
        if len(schemas) != 1:
            return ExistingChecks(twins=twins)
        return known_of(asked, stored, schemas[0], texts, twins)

    return await in_thread(known)


def known_of(
    asked: Asked, stored: Stored, schema: SchemaObject, texts: Read, twins: Twins
) -> ExistingChecks:
    """Return what is known of the checks of a schema; `texts` are the implementations read."""
    return ExistingChecks.of(
        asked.run_id,
        asked.schema_name,
        rules.contract_checks(stored.rules, schema, texts, readable=asked.readable),
        decisions.decisions_of(stored.decisions, asked.contract_id, asked.versions, texts),
        twins,
    )


def _is_needed(row: Row) -> bool:
    """Return whether the text of a row is needed: none of what waits of earlier runs is."""
    waits = row.get("status") == "pending" and row.get("asked_for") == "earlier"
    return not waits and row["hash"] is not None and has_text(row["type"], row["engine"])


def _usable(rows: Sequence[Row], found: Read) -> tuple[Read, int]:
    """Return as many of the texts as may be used, and of how many rows the texts are left out."""
    uses = Counter(row["hash"] for row in rows)
    usable: dict[bytes, Sequence[Check]] = {}
    left = MAX_CHECKS
    for one, number in uses.items():
        cost = number * len(found.get(one, ()))
        if one in found and cost <= left:
            usable[one] = found[one]
            left -= cost
    return usable, sum(number for one, number in uses.items() if one not in usable)


def _batches(rows: Sequence[Row], found: Read, allowance: Allowance) -> Iterator[list[str]]:
    """Yield the ids of rows whose texts are to be read, as many as one statement returns."""
    asked = set(found)
    ids: list[str] = []
    size = 0
    for row in rows:
        if not _is_needed(row) or row["hash"] in asked:
            continue
        if not allowance.takes(row["size"]):
            break
        if ids and size + row["size"] > _BATCH:
            yield ids
            ids, size = [], 0
        asked.add(row["hash"])
        ids.append(row["id"])
        size += row["size"]
    if ids:
        yield ids
