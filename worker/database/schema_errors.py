"""What can be wrong with the tables, the rights and the worker's own schema: the words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.database.errors import BackendTooNew, DatabaseRefused, SchemaVersionError, UnknownRole
from worker.telemetry.cures import message


@message(
    cure=(
        "connect to Postgres itself instead of a pooler (PgBouncer in transaction mode): correct "
        "POSTGRES_HOST and POSTGRES_PORT. Or set it for the worker's role: ALTER ROLE … SET "
        "search_path = the worker's own schema."
    )
)
def search_path_lost(effective: str, asked: str) -> DatabaseRefused:
    """The connection does not have the search_path that the worker asked for at its start.

    A pooler that ignores parameters at the start of a connection does that. With another
    search_path, a role that may create a function in one of its schemas could have the worker run
    the function.
    """
    return DatabaseRefused(f"search_path is {effective}, and {asked} was asked for")


@message(cure="run `dqx-worker migrate`, or set DQX_WORKER_MIGRATE=true.")
def no_own_schema(schema: str, database: str) -> SchemaVersionError:
    """The worker's own tables were never made in this database."""
    return SchemaVersionError(
        f"The worker's own schema {schema} does not exist in database {database}; "
        "run: dqx-worker migrate"
    )


@message(cure="run `dqx-worker migrate`, or set DQX_WORKER_MIGRATE=true.")
def own_schema_old(schema: str, migrations: str) -> SchemaVersionError:
    """The worker's own tables are those of an older version."""
    return SchemaVersionError(
        f"The worker's own schema {schema} lacks {migrations}; run: dqx-worker migrate"
    )


@message(cure="install the version that made them, or a newer one.")
def own_schema_new(schema: str, migrations: str) -> SchemaVersionError:
    """The worker's own tables are those of a newer version, which this one can't use."""
    return SchemaVersionError(
        f"The schema {schema} has migrations that this version of the worker does not know "
        f"({migrations}): install the one that made them, or a newer one"
    )


@message(
    cure=(
        "correct PGSCHEMA or POSTGRES_DB_SCHEMA, or name a schema of this worker's own in "
        "DQX_WORKER_SCHEMA and migrate it."
    )
)
def other_backend_schema(schema: str, served: str, wanted: str) -> SchemaVersionError:
    """The worker's own tables belong to the backend's tables in another Postgres schema."""
    return SchemaVersionError(
        f"The worker's own schema {schema} serves the backend schema {served}, not {wanted}: "
        "correct PGSCHEMA or POSTGRES_DB_SCHEMA, or give this worker a schema of its own with "
        "DQX_WORKER_SCHEMA"
    )


@message(
    cure=(
        "correct the database (PGDATABASE or POSTGRES_DB) or the schema (PGSCHEMA or "
        "POSTGRES_DB_SCHEMA), or let the backend make its tables first."
    )
)
def backend_lacks(what: str, schema: str, database: str) -> DatabaseRefused:
    """Tables or columns of the backend that the worker needs are not there."""
    return DatabaseRefused(
        f"The backend's {what} can't be found in schema {schema} of database {database}: check "
        "PGDATABASE or POSTGRES_DB, and PGSCHEMA or POSTGRES_DB_SCHEMA"
    )


@message(
    cure=("have the owner of the tables run the statements, or apply deploy/postgres/grants.sql.")
)
def rights_missing(grants: str) -> DatabaseRefused:
    """The worker's role may not read or write what it has to."""
    return DatabaseRefused(f"The worker's role lacks rights; have the owner run: {grants}")


@message(
    cure=(
        "install a version of the worker that knows the column, or have the backend give it a "
        "default: `ALTER TABLE … ALTER COLUMN … SET DEFAULT …`."
    )
)
def unfilled_columns(columns: str) -> BackendTooNew:
    """The backend has gained a column that must not be NULL and has no default.

    The worker does not know what to write there, so every INSERT of suggestions would fail.
    """
    return BackendTooNew(
        f"The backend's {columns} must not be NULL and has no default, and this version of the "
        "worker does not fill it: install a newer version of the worker, or give the column a "
        "default"
    )


@message(cure="have the database's owner run the statements, or apply deploy/postgres/grants.sql.")
def may_not_create(database: str, statements: str) -> DatabaseRefused:
    """`dqx-worker migrate` makes a schema with the worker's tables, and the role may not."""
    return DatabaseRefused(
        f"The worker's role may not make its own schema and tables in database {database}; "
        f"have the owner run: {statements}"
    )


@message(
    cure=(
        "correct the name: it is that of the role with which the backend logs in. On Lakebase the "
        "role of an app is the client id of its service principal."
    )
)
def unknown_role(role: str, database: str) -> UnknownRole:
    """A role of `--grant-to` or DQX_WORKER_GRANT_TO is not a role of this Postgres."""
    return UnknownRole(f"There is no role {role} at database {database} to grant rights to", role)


@message(
    cure=(
        "have the owner run the statements, then try again. The owner of the schema can also apply "
        "deploy/postgres/grants.sql with `--set=backend_role`."
    )
)
def may_not_grant(schema: str, grants: str) -> DatabaseRefused:
    """The worker's role does not own what it should grant rights on."""
    return DatabaseRefused(
        f"The worker's role may not grant rights in schema {schema}; have its owner run: {grants}"
    )
