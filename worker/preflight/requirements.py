"""What has to be there before a worker starts: tables, rights, its own schema, the workspace."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from worker.database import errors, schema_errors
from worker.database.migrate import check_schema
from worker.database.open_connection import url
from worker.database.options import DatabaseOptions
from worker.database.password_source import Login
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.database.tls import unverified
from worker.preflight.errors import rows_hidden
from worker.preflight.session_parameters import see_session
from worker.profiling.options import ProfilingOptions
from worker.spark.engine_kind import EngineKind
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.workspace.clients import dqx_client, load_sdk, offline_client
from worker.workspace.errors import WorkspaceError, WorkspaceUnavailable
from worker.workspace.options import WorkspaceOptions
from worker.workspace.sdk_threads import CallThreads

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = [
    "Lacks",
    "backend_lacks_of",
    "check_backend",
    "check_database",
    "log_connection",
    "log_tables",
    "reach_workspace",
    "report_missing_roots",
]

log = get_logger(__name__)

_REACH_DEADLINE = timedelta(seconds=30)
_ROOTS_DEADLINE = timedelta(seconds=2)
_LACKS = load_sql(__package__, "backend_lacks")


def log_connection(options: DatabaseOptions, login: Login) -> None:
    """Log where Postgres is, as whom, and where a token travels without verified TLS."""
    log.info(Event.DATABASE_CONNECTED, url=url(options, login))
    host = options.host or login.host or ""
    if unverified(options, host):
        log.warning(Event.DATABASE_UNVERIFIED, host=host, mode=options.ssl)


def log_tables(options: ProfilingOptions) -> None:
    """Log a warning if anyone who edits a contract can have any table read."""
    if options.engine is not EngineKind.LOCAL and "*" in options.tables:
        log.warning(Event.TABLES_UNRESTRICTED)


async def report_missing_roots(options: ProfilingOptions) -> None:
    """Log a warning for each folder of DQX_WORKER_ROOTS that does not exist.

    A folder whose file system does not answer is not reported: the start waits for seconds only.
    """
    if options.engine is not EngineKind.LOCAL:
        return
    with anyio.move_on_after(_ROOTS_DEADLINE.total_seconds()):
        for root in options.roots:
            # In a thread that the end of the process does not wait for.
            if await CallThreads(1, _REACH_DEADLINE, str(root)).call(partial(_is_missing, root)):
                log.warning(Event.ROOT_MISSING, root=str(root))


def _is_missing(root: Path) -> bool:
    try:
        return not root.is_dir()
    # It is there, or hidden by a folder above it.
    except OSError:
        return False


async def reach_workspace(
    options: WorkspaceOptions, deadline: timedelta = _REACH_DEADLINE
) -> "WorkspaceClient":
    """Return the client that DQX gets.

    DQX asks a workspace for its Spark versions, only to see that it is there. If it is
    unavailable, profiling continues without it; so it does in a job that can't log in to its own.
    Raises `WorkspaceRefused` for a configured workspace that refuses the login.
    """
    if options.configured or options.runtime:
        await anyio.to_thread.run_sync(load_sdk)
    try:
        return await CallThreads(1, deadline, options.place).call(lambda: dqx_client(options))
    except WorkspaceError as error:
        if options.configured and not isinstance(error, WorkspaceUnavailable):
            raise
        log.warning(Event.WORKSPACE_UNAVAILABLE, error=str(error))
        return offline_client()


@dataclass(frozen=True, slots=True)
class Lacks:
    """What a worker needs of the database and does not find; a right is the GRANT that gives it."""

    tables: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)
    unfilled: list[str] = field(default_factory=list)
    """Columns that are NOT NULL and have no default, and that no INSERT of the worker fills."""
    hidden: list[str] = field(default_factory=list)
    """Tables whose rows row-level security hides, each and all, as there is no policy."""
    secured: list[str] = field(default_factory=list)
    """Tables on which policies of row-level security decide."""

    def refusal(self, options: DatabaseOptions) -> errors.DatabaseError | None:
        """Return the error for what keeps a worker from starting; None if nothing does."""
        if self.tables or self.columns:
            return schema_errors.backend_lacks(
                ", ".join([*self.tables, *self.columns]), options.backend_schema, options.database
            )
        if self.grants:
            return schema_errors.rights_missing("; ".join(self.grants))
        if self.unfilled:
            return schema_errors.unfilled_columns(", ".join(self.unfilled))
        if self.hidden:
            return rows_hidden(", ".join(self.hidden))
        return None


async def backend_lacks_of(connection: Connection, options: DatabaseOptions) -> Lacks:
    """Return what is missing of the backend's side, and the rights on the worker's own."""
    lacks = Lacks()
    kinds = {
        "table": lacks.tables,
        "column": lacks.columns,
        "grant": lacks.grants,
        "unfilled": lacks.unfilled,
        "hidden": lacks.hidden,
        "secured": lacks.secured,
    }
    for row in await connection.fetch(_LACKS, options.backend_schema, options.own_schema):
        kinds[row["kind"]].append(row["what"])
    for found in (lacks.tables, lacks.columns, lacks.unfilled, lacks.hidden, lacks.secured):
        found.sort()
    return lacks


async def check_database(connection: Connection, options: DatabaseOptions) -> None:
    """Raise the error that says what is missing and what to run, if anything is.

    Raises what `check_backend` does, `DatabaseRefused` if the search_path is another one or a table
    of the worker's own is gone, and `SchemaVersionError` for the worker's own schema.
    """
    await check_backend(connection, options)
    session = await see_session(connection, options)
    if misled := session.misled:
        raise misled
    await check_schema(connection, options)
    if incomplete := session.incomplete:
        raise incomplete


async def check_backend(connection: Connection, options: DatabaseOptions) -> None:
    """Raise the error that says which table, column or right is missing or which rows are hidden.

    It takes one statement.

    Raises `DatabaseRefused`, or `BackendTooNew` for columns that the worker does not fill.
    """
    lacks = await backend_lacks_of(connection, options)
    if refusal := lacks.refusal(options):
        raise refusal
