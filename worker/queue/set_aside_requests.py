"""Setting aside requests that Postgres does not let a worker claim, so that others are claimed."""

from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseUnavailable,
    StatementFailing,
)
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue import errors
from worker.queue.claimed_run import LONGEST_ID, LONGEST_SCHEMA_NAMES
from worker.queue.options import QueueOptions
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.telemetry.run_fields import run_fields
from worker.telemetry.text import NAME_LIMIT, bounded

__all__ = ["set_refused_aside"]

log = get_logger(__name__)

_TO_TRY = load_sql(__package__, "requests_to_try")
_TRY = load_sql(__package__, "try_request")
_SET_ASIDE = load_sql(__package__, "set_aside")

_AT_ONCE = 20
_CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"


class _Accepted(Exception):
    """Postgres accepted what a claim does, which is now rolled back."""


async def set_refused_aside(
    database: Database, options: QueueOptions, enough: int, error: DatabaseError
) -> bool:
    """After a claim failed with `error`, set the requests aside that Postgres refuses.

    Return whether there are any. Each gets a back-off and is logged. If Postgres accepts none of
    the requests it is not about rows, and nothing is set aside. Ends once one is refused and
    `enough` are accepted: the rest can wait for the next claim.
    """
    if _is_outage(error):
        return False
    async with database.connection() as connection:
        rows = await connection.fetch(_TO_TRY, _AT_ONCE, LONGEST_ID)
    accepted = 0
    refusals: dict[str, DatabaseError] = {}
    contracts = {row["id"]: row["contract_id"] for row in rows}
    for run_id in contracts:
        try:
            await _try(database, run_id)
        except _Accepted:
            accepted += 1
        except DatabaseError as refusal:
            if _is_outage(refusal):
                raise
            refusals[run_id] = refusal
        if refusals and accepted >= enough:
            break
    if not accepted:
        return False
    for run_id, refused in refusals.items():
        await _set_aside(database, options, run_id, contracts[run_id], refused)
    return bool(refusals)


async def _try(database: Database, run_id: str) -> None:
    """Raise `_Accepted`, or what Postgres reports; a request that is locked is left alone."""
    async with database.transaction() as transaction:
        await transaction.execute(_CHECK_NOW)
        if await transaction.fetchrow(_TRY, run_id, LONGEST_SCHEMA_NAMES + 1, NAME_LIMIT):
            raise _Accepted


async def _set_aside(
    database: Database,
    options: QueueOptions,
    run_id: str,
    contract_id: str,
    refusal: DatabaseError,
) -> None:
    reason = errors.claim_refused(str(refusal))
    async with database.connection() as connection:
        noted = await connection.fetchrow(
            _SET_ASIDE, run_id, options.worker, bounded(reason), options.back_off
        )
    if noted is not None:
        log.warning(
            Event.REQUEST_SET_ASIDE,
            # To read more of the request may be what Postgres refuses.
            **run_fields(run_id, contract_id, noted["number"]),
            error=str(refusal),
            wait_s=noted["wait"].total_seconds(),
        )


def _is_outage(error: DatabaseError) -> bool:
    passing = isinstance(error, DatabaseUnavailable | DatabaseConflict)
    return passing and not isinstance(error, StatementFailing)
