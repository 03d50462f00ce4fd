"""What a contract has and what people decided, read as an attempt reads it."""

from contextlib import nullcontext

from worker.attempt.load_existing_checks import asked_of, find_stored, read_texts
from worker.backend.contracts.rules import contract_checks
from worker.backend.contracts.schema import SchemaObject, schema_objects
from worker.backend.suggestions.decisions import decisions_of, lock_schema
from worker.database.pool import Connection
from worker.suggestions.decisions import Decision
from worker.suggestions.existing_checks import ContractChecks

__all__ = ["stored"]


async def stored(
    transaction: Connection, run_id: str, contract_id: str, schema_name: str
) -> tuple[ContractChecks, list[Decision]]:
    """Return the checks of a contract for a schema, and the decisions about it."""
    await lock_schema(transaction, contract_id, schema_name)
    asked = await asked_of(
        transaction, run_id=run_id, contract_id=contract_id, schema_name=schema_name
    )
    found = await find_stored(transaction, asked)
    texts = await read_texts(lambda: nullcontext(transaction), found)
    (schema,) = schema_objects(found.schema) or [SchemaObject("", schema_name, None, ())]
    return (
        contract_checks(found.rules, schema, texts, readable=asked.readable),
        decisions_of(found.decisions, contract_id, asked.versions, texts),
    )
