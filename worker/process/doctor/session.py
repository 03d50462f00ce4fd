"""The step 'search path': whether what the worker asks for at the start of a connection holds."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from worker.database.connect import search_path
from worker.database.errors import DatabaseError
from worker.database.options import DatabaseOptions
from worker.database.sql import load_sql
from worker.process.doctor.errors import schema as errors
from worker.process.doctor.explain import hint
from worker.process.doctor.finding import Failed, Found
from worker.process.doctor.setup import Setup

__all__ = ["check_session"]

_SESSION = load_sql(__package__, "session")
_RESOLVED = load_sql(__package__, "resolved")


async def check_session(setup: Setup) -> Found:
    """Compare the search_path, what it leads to, and the deadlines with what was asked for."""
    options = setup.database_options
    asked = search_path(options.own_schema, options.backend_schema)
    async with setup.database.take().connection() as connection:
        session = dict((await connection.fetch(_SESSION))[0])
        setup.readable.take()
        found = await connection.fetch(
            _RESOLVED, options.own_schema, options.backend_schema, not setup.own_tables.missing
        )
    rows = [dict(row) for row in found]
    detail = {**session, "asked": asked}
    if refused := _misled(session, rows, options):
        raise Failed(refused, detail=detail)
    setup.session.give(True)
    lost = _lost(session, options)
    remarks = [hint(errors.parameters_lost(", ".join(lost)))] if lost else []
    return Found(f"{session['search_path']}; every table is found", detail, remarks)


def _misled(
    session: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], options: DatabaseOptions
) -> DatabaseError | None:
    """Return where the search_path does not lead to the worker's tables and the backend's."""
    wrong = [row for row in rows if row["found_in"] != row["wanted_in"]]
    if not wrong:
        return None
    asked = search_path(options.own_schema, options.backend_schema)
    if _folded(session["search_path"]) != _folded(asked):
        return errors.search_path_lost(session["search_path"] or "empty", asked)
    gone = [row["relation"] for row in wrong if row["found_in"] is None]
    if gone:
        return errors.own_tables_gone(options.own_schema, ", ".join(gone))
    first = wrong[0]
    return errors.shadowed(first["relation"], first["found_in"], first["wanted_in"])


def _lost(session: Mapping[str, Any], options: DatabaseOptions) -> list[str]:
    """Return the parameters that are not as they were asked for, as they are."""
    asked = search_path(options.own_schema, options.backend_schema)
    same = _folded(session["search_path"]) == _folded(asked)
    wanted = {
        "statement_timeout": options.statement_timeout,
        "lock_timeout": options.lock_timeout,
        "idle_in_transaction_session_timeout": options.idle_in_transaction_timeout,
    }
    return ([] if same else [f"search_path (it is {session['search_path']})"]) + [
        f"{name} (it is {session[name]} ms)"
        for name, duration in wanted.items()
        if session[name] != int(duration / timedelta(milliseconds=1))
    ]


def _folded(path: str) -> str:
    return path.replace('"', "").replace(" ", "")
