"""The tables of both sides, and rights."""

from worker.telemetry.cures import message


@message(cure="set PGSCHEMA or POSTGRES_DB_SCHEMA to that schema.")
def tables_elsewhere(schemas: str) -> str:
    """The table data_profiling_runs is in another schema of this database."""
    return f"data_profiling_runs is in schema {schemas}"


@message(
    cure=(
        "correct POSTGRES_DB, if the backend uses another of these; else start the backend, which "
        "makes its tables."
    )
)
def tables_nowhere(database: str, others: str) -> str:
    """No schema of this database holds the backend's tables."""
    return f"No schema of {database} has data_profiling_runs; other databases here: {others}"


@message(
    cure=(
        "bring the backend up to a version that has it, by its own migrations; the worker never "
        "alters the backend's tables."
    )
)
def column_missing() -> str:
    """The backend's table is there without a column that the worker reads or writes."""
    return "The backend is too old for this worker, or its migrations were not run"


@message(
    cure=(
        "CREATE POLICY for the role, or ALTER ROLE … BYPASSRLS, if the step 'write' fails or "
        "requests are not seen."
    )
)
def row_security(tables: str) -> str:
    """Row-level security applies to the worker's role: it may see or write none of the rows."""
    return f"Row-level security is on for {tables}"


@message(cure="have the owner of the schema run the statement, unless the role is the backend's.")
def backend_schema_open(schema: str, role: str, statement: str) -> str:
    """A role may create tables, functions and operators in the backend's schema.

    The worker uses nothing there but the backend's tables, by their full names. Any other program
    whose search_path contains the schema may run what such a role has made, with the program's own
    rights. PUBLIC stands for every role; it may create in schema `public` of a database that
    Postgres 14 or an older version has made.
    """
    return f"{role} may create in the backend's schema {schema}; {statement}"


@message(cure="have the owner of the schema run the statement.")
def own_schema_open(schema: str, role: str, statement: str) -> str:
    """A role may create tables, functions and operators in the worker's own schema.

    The worker looks for names there, so such a role can have it run a function with the worker's
    rights.
    """
    return f"{role} may create in the worker's own schema {schema}; {statement}"


@message(cure="none is needed; a newer backend has them.")
def optional_lacks(what: str) -> str:
    """An older backend lacks columns or tables that the worker does without."""
    return f"Not there, and done without: {what}"


@message(cure="if you want the worker to use the table, have its owner run the statement.")
def optional_unreadable(statement: str) -> str:
    """The worker's role may not read a table that it can do without."""
    return f"The worker may not read a table, which it can do without: {statement};"


@message(cure="none is needed: `dqx-worker run` does it, or `dqx-worker migrate` before that.")
def will_be_made(schema: str, names: str) -> str:
    """The worker's own schema is not up to date. DQX_WORKER_MIGRATE lets the worker update it."""
    return f"{schema} will get {names} at the next start"


@message(
    cure=(
        "have that role give the right with the statement below, or name another schema in "
        "DQX_WORKER_SCHEMA."
    )
)
def schema_of_another(schema: str, owner: str, role: str) -> str:
    """The worker's own schema is there and belongs to another role."""
    return f"The schema {schema} belongs to {owner}, not to {role}"


@message(cure="run `dqx-worker migrate` as that role, or hand the tables over (REASSIGN OWNED).")
def tables_of_another(owner: str, role: str) -> str:
    """Only the owner of tables may alter them, and the worker's own belong to another role."""
    return f"The worker's own tables belong to {owner}, not to {role}"


@message(
    cure=(
        "that of the reason: look at the triggers, constraints and column types of "
        "`data_profiling_runs`. Then run `dqx-worker adopt` with the run's id."
    )
)
def run_stuck(run: str, reason: str) -> str:
    """Postgres refuses every end of the run, so it stays `running` and no worker has it."""
    return f"Run {run} is stuck: {reason}"
