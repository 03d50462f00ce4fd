"""The step 'search path': whether what the worker asks for at the start of a connection holds."""

from worker.process.doctor.explain import hint
from worker.process.doctor.finding import Failed, Found
from worker.process.doctor.setup import Setup
from worker.process.errors import parameters_lost, pooled
from worker.process.pooling import is_pooled
from worker.process.session import see_session

__all__ = ["check_session"]


async def check_session(setup: Setup) -> Found:
    """Compare the search_path, what it leads to, and the deadlines with what was asked for."""
    options = setup.database_options
    database = setup.database.take()
    async with database.connection() as connection:
        own_tables = not setup.own_tables.missing
        session = await see_session(connection, options, own_tables=own_tables)
        setup.readable.take()
        detail: dict[str, object] = {
            "search_path": session.search_path,
            **session.deadlines,
            "asked": session.asked,
        }
        if refused := session.misled:
            raise Failed(refused, detail=detail)
        if await is_pooled(connection, session.process, database):
            raise Failed(pooled(), detail=detail)
    setup.session.give(True)
    remarks = [hint(parameters_lost(", ".join(session.lost)))] if session.lost else []
    return Found(f"{session.search_path}; every table is found", detail, remarks)
