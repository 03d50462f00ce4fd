"""What can go wrong with Postgres: a type by what the caller does about it, and the words.

Each public function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.telemetry.cures import message

__all__ = [
    "BackendTooNew",
    "DatabaseConflict",
    "DatabaseError",
    "DatabaseRefused",
    "DatabaseUnavailable",
    "NoPassword",
    "RowVanished",
    "SchemaVersionError",
    "StatementFailing",
    "StatementOutdated",
    "StatementTooSlow",
    "UnknownRole",
]


class DatabaseError(Exception):
    """Postgres answered that a statement is wrong: a defect, or a schema that differs."""


class StatementOutdated(DatabaseError):
    """A statement does not fit the types of a table: prepared anew it may, if they have changed."""


class DatabaseUnavailable(DatabaseError):
    """Postgres can't be reached or can't answer now: wait and try again."""


class StatementFailing(DatabaseUnavailable):
    """A statement fails for a reason that may pass, and the server answers: try again, a few times.

    A trigger's function may raise any error, that of an outage or of a lock among them.
    """


class StatementTooSlow(StatementFailing):
    """A statement passed the server's deadline."""


class NoPassword(DatabaseUnavailable):
    """There is no password to log in with now: wait and try again, as when Postgres is away."""


class DatabaseConflict(DatabaseError):
    """Another transaction was in the way: give way, then run the transaction again."""


class DatabaseRefused(DatabaseError):
    """The set-up is wrong: no login, no such database, no permission."""


class RowVanished(DatabaseError):
    """A row that a new one refers to was deleted meanwhile."""


class SchemaVersionError(DatabaseError):
    """The worker's own schema is missing, older or newer than this worker can use."""


class BackendTooNew(DatabaseError):
    """The backend's tables demand something that this version of the worker does not write."""


class UnknownRole(DatabaseError):
    """A role that is to get rights does not exist."""

    def __init__(self, message: str, role: str) -> None:
        super().__init__(message)
        self.role = role


@message(
    cure=(
        "run `dqx-worker doctor`: it compares the tables with what the worker needs, and tries "
        "what the worker writes. A column that the worker does not write has to allow NULL or to "
        "have a default; a constraint or a trigger of the backend has to accept the worker's rows. "
        "Postgres' manual explains each condition in its appendix of error codes."
    )
)
def postgres_reports(doing: str, condition: str) -> str:
    """Postgres refused a statement of the worker's; the condition is Postgres' own name for it.

    The table, the column and the constraint follow if Postgres names them. The values of a row
    are left out.
    """
    return f"{doing}: Postgres reports {condition}"


@message(
    cure=(
        "check POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD and "
        "PGSSLMODE, and that the server runs. A certificate that can't be verified needs its "
        "authority in PGSSLROOTCERT."
    )
)
def cannot_connect(host: str, port: object) -> str:
    """Nothing answers there in time, or the server refuses the login, the database or TLS.

    What the driver or the server says follows.
    """
    return f"Could not connect to Postgres at {host}:{port}"


@message(
    cure=(
        "see that the role exists in this Postgres (Lakebase: `databricks_create_role`) and may "
        "log in; that PGUSER, where it is set, is the identity that the token is for; and that the "
        "instance or endpoint of the token is the one at this host."
    )
)
def token_rejected(url: str, said: object) -> DatabaseRefused:
    """Postgres rejected a database token, then another one that was minted in its place."""
    return DatabaseRefused(
        f"Could not log in to {url}: Postgres rejected two tokens, the second one new ({said}); "
        "check that this role exists there, that PGUSER is the token's identity, and that "
        "LAKEBASE_ENDPOINT or LAKEBASE_INSTANCE_NAME is the database at this host"
    )


@message(cure="unset PGSSLMODE, or set it to `verify-full`; other modes are for loopback alone.")
def token_in_the_clear(mode: str, host: str) -> DatabaseRefused:
    """The TLS mode would show a database token to every listener between here and Postgres."""
    return DatabaseRefused(
        f"PGSSLMODE={mode} would send a token in the clear to {host}: unset it, or set verify-full"
    )


@message(cure="correct PGSSLROOTCERT: a PEM file, or `system`.")
def authorities_unreadable(file: str, reason: object) -> DatabaseRefused:
    """The file of certificate authorities is missing or holds none."""
    return DatabaseRefused(f"PGSSLROOTCERT: {file} can't be read: {reason}")


@message(cure="set PGSSLROOTCERT to the PEM file of the server's authority, or to `system`.")
def no_authorities(mode: str, file: str) -> DatabaseRefused:
    """The TLS mode verifies the server's certificate, and nothing says by which authorities."""
    return DatabaseRefused(f"PGSSLMODE={mode} needs PGSSLROOTCERT, which is not set, or {file}")


@message(
    cure=(
        "switch TLS on in the server (`ssl = on`). If what answers at POSTGRES_PORT is a pooler or "
        "a proxy, name the database behind it. Without TLS only a password may travel, with "
        "PGSSLMODE=disable, or a token that stays on this machine."
    )
)
def no_tls(host: str, port: object) -> DatabaseRefused:
    """The server answers, and says that it speaks no TLS, which is needed here."""
    return DatabaseRefused(f"The server at {host}:{port} speaks no TLS (it rejected SSL upgrade)")


@message(
    cure=(
        "correct POSTGRES_HOST and POSTGRES_PORT: they may name another service, such as a web "
        "server, or a proxy with nothing behind it."
    )
)
def not_postgres(host: str, port: object) -> DatabaseRefused:
    """What listens there does not answer as Postgres does, or hangs up at once."""
    return DatabaseRefused(f"What answers at {host}:{port} is not Postgres")


@message(
    cure=(
        "see that the server allows TLS 1.2 or newer, and that no proxy on the way interferes; its "
        "log says more."
    )
)
def tls_failed(host: str, reason: str) -> DatabaseRefused:
    """The server began TLS and then no agreement was reached."""
    return DatabaseRefused(f"TLS to {host} failed: {reason}")


@message(
    cure=("renew the server's certificate; if it is newer than that, correct this machine's clock.")
)
def certificate_expired(host: str, when: str) -> DatabaseRefused:
    """The time of the server's certificate is over, by this machine's clock."""
    return DatabaseRefused(f"The certificate of {host} expired at {when}")


@message(cure="correct this machine's clock, or the certificate.")
def certificate_too_new(host: str, when: str) -> DatabaseRefused:
    """The time of the server's certificate has not begun, by this machine's clock."""
    return DatabaseRefused(f"The certificate of {host} is valid from {when} on only")


@message(
    cure=(
        "set POSTGRES_HOST to one of these names. Where the host has to be an address or an alias, "
        "PGSSLMODE=verify-ca leaves the name aside."
    )
)
def certificate_of_another(host: str, names: str) -> DatabaseRefused:
    """The server's certificate is for other names than the one by which the worker calls it."""
    return DatabaseRefused(f"The certificate shown at {host} is for {names} (Hostname mismatch)")


@message(
    cure=(
        "set PGSSLROOTCERT to the PEM file of the authority that issued it (of a self-signed one, "
        "that certificate itself), or to `system` where a public one did."
    )
)
def certificate_unknown(host: str, issuer: str, said: str) -> DatabaseRefused:
    """None of the authorities that the worker trusts has vouched for the server's certificate.

    It is self-signed, or from an authority of your own.
    """
    return DatabaseRefused(
        f"The certificate of {host}, issued by {issuer}, can't be verified: {said} "
        "(certificate verify failed)"
    )


@message(cure="have the server's certificate made anew; PGSSLROOTCERT names who may vouch for it.")
def certificate_refused(host: str, said: str) -> DatabaseRefused:
    """The server's certificate was refused for another reason, which OpenSSL gives."""
    return DatabaseRefused(f"The certificate of {host} was refused: {said}")


@message(cure="that of the reason, under 'The workspace' and 'Database tokens' on this page.")
def no_password(reason: object) -> NoPassword:
    """There is no password to open a connection with; the reason follows."""
    return NoPassword(str(reason))


@message(cure="raise DQX_WORKER_POOL_SIZE; look at what the database is busy with.")
def pool_exhausted(seconds: object) -> str:
    """Every connection of the pool was in use, or a new one could not be opened in time."""
    return f"No connection to Postgres within {seconds} s"


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
