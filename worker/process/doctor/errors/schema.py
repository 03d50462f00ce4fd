"""The tables of both sides, rights, and the search_path."""

from worker.database.errors import DatabaseRefused
from worker.telemetry.cures import message


@message
def tables_elsewhere(schemas: str) -> str:
    """The table data_profiling_runs is in this database, in another schema than the one looked in.

    Cure: set PGSCHEMA or POSTGRES_DB_SCHEMA to that schema.
    """
    return f"data_profiling_runs is in schema {schemas}"


@message
def tables_nowhere(database: str, others: str) -> str:
    """No schema of this database holds the backend's tables.

    Cure: correct POSTGRES_DB, if the backend uses another of these; else start the backend, which
    makes its tables.
    """
    return f"No schema of {database} has data_profiling_runs; other databases here: {others}"


@message
def column_missing() -> str:
    """The backend's table is there without a column that the worker reads or writes.

    Cure: bring the backend up to a version that has it, by its own migrations; the worker never
    alters the backend's tables.
    """
    return "The backend is too old for this worker, or its migrations were not run"


@message
def rows_hidden(tables: str) -> DatabaseRefused:
    """Row-level security is on and there is no policy: the role sees no row and can write none.

    Cure: CREATE POLICY … TO the worker's role, or ALTER ROLE … BYPASSRLS, or have the owner DISABLE
    ROW LEVEL SECURITY.
    """
    return DatabaseRefused(f"Row-level security hides every row of {tables}")


@message
def row_security(tables: str) -> str:
    """Row-level security applies to the worker's role: it may see or write none of the rows.

    Cure: CREATE POLICY for the role, or ALTER ROLE … BYPASSRLS, where the step 'write' fails or
    requests are not seen.
    """
    return f"Row-level security is on for {tables}"


@message
def optional_lacks(what: str) -> str:
    """An older backend lacks columns or tables that the worker does without.

    Cure: none is needed; a newer backend has them.
    """
    return f"Not there, and done without: {what}"


@message
def optional_unreadable(statement: str) -> str:
    """The worker's role may not read a table that it can do without.

    Cure: if you want the worker to use the table, have its owner run the statement.
    """
    return f"The worker may not read a table, which it can do without: {statement};"


@message
def will_be_made(schema: str, names: str) -> str:
    """The worker's own schema is not up to date, and DQX_WORKER_MIGRATE lets the worker see to it.

    Cure: none is needed: `dqx-worker run` does it, or `dqx-worker migrate` before that.
    """
    return f"{schema} will get {names} at the next start"


@message
def schema_of_another(schema: str, owner: str, role: str) -> str:
    """The worker's own schema is there and belongs to another role.

    Cure: have that role give the right with the statement below, or name another schema in
    DQX_WORKER_SCHEMA.
    """
    return f"The schema {schema} belongs to {owner}, not to {role}"


@message
def tables_of_another(owner: str, role: str) -> str:
    """Only the owner of tables may alter them, and the worker's own belong to another role.

    Cure: run `dqx-worker migrate` as that role, or hand the tables over (REASSIGN OWNED).
    """
    return f"The worker's own tables belong to {owner}, not to {role}"


@message
def own_tables_gone(schema: str, tables: str) -> DatabaseRefused:
    """The worker's own schema counts as up to date, and tables of it are not there.

    Cure: where nothing runs: DROP SCHEMA … CASCADE, then `dqx-worker migrate`. What the worker
    knows of unfinished runs is lost with it; the backend's tables are not touched.
    """
    return DatabaseRefused(f"The schema {schema} lacks {tables}, which its migrations made")


@message
def search_path_lost(effective: str, asked: str) -> DatabaseRefused:
    """The connection has not the search_path that the worker asked for at its start.

    A pooler that ignores parameters at the start of a connection does that.

    Cure: connect to Postgres itself instead of a pooler (PgBouncer in transaction mode): correct
    POSTGRES_HOST and POSTGRES_PORT.
    """
    return DatabaseRefused(f"search_path is {effective}, and {asked} was asked for")


@message
def shadowed(table: str, schema: str, wanted: str) -> DatabaseRefused:
    """A table of the same name in another schema hides the one that the worker means.

    Cure: rename or drop that table, or choose another DQX_WORKER_SCHEMA.
    """
    return DatabaseRefused(f"{table} means the one in schema {schema}, not in {wanted}")


@message
def parameters_lost(names: str) -> str:
    """Parameters that the worker asked for at the start of the connection are not in effect.

    A pooler ignores them. Without deadlines a worker that freezes in a transaction holds its locks;
    another search_path finds the right tables by chance.

    Cure: connect to Postgres itself instead of a pooler, or set them for the role:
    ALTER ROLE … SET statement_timeout = ….
    """
    return f"Not in effect: {names}"
