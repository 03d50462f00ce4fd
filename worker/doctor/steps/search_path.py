"""The step 'search path': whether what the worker asks for at the start of a connection holds.

And who else may create what a search_path leads to.
"""

from worker.database.options import DatabaseOptions
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.doctor.errors import schema as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult
from worker.preflight.detect_pooler import is_pooled
from worker.preflight.errors import parameters_lost, pooled
from worker.preflight.session_parameters import see_session

__all__ = ["check_session"]

_OPEN = load_sql(__package__, "open_schemas")


async def check_session(setup: Setup) -> StepResult:
    """Compare the search_path, what it leads to, and the deadlines with what was asked for."""
    options = setup.database_options
    database = setup.database.take()
    async with database.connection() as connection:
        session = await see_session(connection, options)
        setup.readable.take()
        detail: dict[str, object] = {
            "search_path": session.search_path,
            **session.deadlines,
            "asked": session.asked,
        }
        if refused := session.misled:
            raise StepFailed(refused, detail=detail)
        if not setup.own_tables.missing and (refused := session.incomplete):
            raise StepFailed(refused, detail=detail)
        if await is_pooled(connection, session.process, database):
            raise StepFailed(pooled(), detail=detail)
        remarks = await _open_schemas(connection, options)
    setup.session.give(True)
    if session.lost:
        remarks.append(hint(parameters_lost(", ".join(session.lost))))
    return StepResult(f"{session.search_path} alone; every table is found", detail, remarks)


async def _open_schemas(connection: Connection, options: DatabaseOptions) -> list[str]:
    """Return a remark on each role that may create in one of the schemas without owning it."""
    rows = await connection.fetch(_OPEN, options.backend_schema, options.own_schema)
    return [
        hint(
            (errors.own_schema_open if row["own"] else errors.backend_schema_open)(
                row["schema"], row["role"], row["revoking"]
            )
        )
        for row in rows
    ]
