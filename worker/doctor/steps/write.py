"""The step 'write': do what a worker writes, in one transaction, and take it back."""

from uuid import uuid4

from worker.backend.suggestions.write import write_suggestions
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.doctor.errors import statements as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult
from worker.suggestions.suggestion_row import SuggestionRow

__all__ = ["check_write"]

_ENDED_RUN = load_sql(__package__, "lock_ended_run")
_UPDATE_RUN = load_sql(__package__, "update_run")
_INSERT_ATTEMPT = load_sql(__package__, "insert_attempt")
_INSERT_LEASE = load_sql(__package__, "insert_lease")
_INSERT_PROGRESS = load_sql(__package__, "insert_progress")
_DELETE_LEASE = load_sql(__package__, "delete_lease")
_DELETE_SUGGESTION = load_sql(__package__, "delete_suggestion")
_CONSTRAINTS_NOW = "SET CONSTRAINTS ALL IMMEDIATE"

_NAME = "dqx-worker doctor"


class _TakenBack(Exception):
    """Leaves the transaction, so that it is rolled back."""


async def check_write(setup: Setup) -> StepResult:
    """Write to the worker's own tables, to an ended run and to its suggestions; keep nothing."""
    database = setup.database.take()
    setup.writable.take()
    setup.own_tables.take()
    setup.session.take()
    run_id: str | None = None
    try:
        async with database.transaction() as transaction:
            await _write_own(transaction)
            run_id = await _write_backends(transaction)
            # What is checked at COMMIT is checked now.
            await transaction.execute(_CONSTRAINTS_NOW)
            raise _TakenBack
    except _TakenBack:
        pass
    if run_id is None:
        said = "the worker's own tables; rolled back"
        return StepResult(said, {"run": None}, [hint(errors.no_ended_run())])
    said = f"the worker's own tables, run {run_id} and a suggestion; rolled back"
    return StepResult(said, {"run": run_id})


async def _write_own(transaction: Connection) -> None:
    """Write under an id of our own: no run has it, and no program looks for it."""
    own = f"{_NAME} {uuid4()}"
    await transaction.execute(_INSERT_ATTEMPT, own, _NAME)
    await transaction.execute(_INSERT_LEASE, own, uuid4(), _NAME)
    await transaction.execute(_INSERT_PROGRESS, own)
    await transaction.execute(_DELETE_LEASE, own)


async def _write_backends(transaction: Connection) -> str | None:
    """Write to a run that has ended, which no worker wants; return its id, if there is one."""
    run = await transaction.fetchrow(_ENDED_RUN)
    if run is None:
        return None
    _has_changed(await transaction.execute(_UPDATE_RUN, run["id"]), "UPDATE of a run")
    row = _suggestion()
    await write_suggestions(
        transaction,
        run_id=run["id"],
        contract_id=run["contract_id"],
        schema_name=_NAME,
        rows=[row],
    )
    deleted = await transaction.execute(_DELETE_SUGGESTION, row.id)
    _has_changed(deleted, "INSERT and DELETE of a suggestion")
    return str(run["id"])


def _has_changed(tag: str, what: str) -> None:
    """Take the tag of a statement, such as `UPDATE 1`, for what it says."""
    if tag.endswith(" 0"):
        raise StepFailed(errors.nothing_written(what))


def _suggestion() -> SuggestionRow:
    return SuggestionRow(
        id=str(uuid4()),
        property_name=None,
        name=_NAME,
        description=_NAME,
        level="object",
        dimension="conformity",
        severity="warning",
        type="custom",
        rule=_NAME,
        engine="dqx",
        implementation="{}",
        rationale=_NAME,
    )
