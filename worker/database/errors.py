"""What can go wrong with Postgres: a type by what the caller does about it, and the words.

Each public function but `translated` is one message; its docstring says what causes it and what
cures it, and docs/errors.md is made of them.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

__all__ = [
    "DatabaseConflict",
    "DatabaseError",
    "DatabaseRefused",
    "DatabaseUnavailable",
    "NoPassword",
    "RowVanished",
    "SchemaVersionError",
    "translated",
]


class DatabaseError(Exception):
    """Postgres answered that a statement is wrong: a defect, or a schema that differs."""


class DatabaseUnavailable(DatabaseError):
    """Postgres can't be reached or can't answer now: wait and try again."""


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


_UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,
    OSError,
    TimeoutError,
)
_CONFLICT = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    # A host name that is none.
    UnicodeError,
    # A server that is not the one whose name it bears. An OSError, so this has to come first.
    ssl.SSLCertVerificationError,
)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what asyncpg raises into the errors above; `doing` says what failed.

    A TimeoutError that says nothing becomes one that says which deadline passed.
    """
    try:
        yield
    except _CONFLICT as error:
        raise DatabaseConflict(f"{doing}: {_text(error)}") from error
    except _REFUSED as error:
        raise DatabaseRefused(f"{doing}: {_text(error)}") from error
    except _UNAVAILABLE as error:
        raise DatabaseUnavailable(f"{doing}: {_text(error)}") from error
    except asyncpg.ForeignKeyViolationError as error:
        raise RowVanished(f"{doing}: {_text(error)}") from error
    except asyncpg.PostgresError as error:
        raise DatabaseError(f"{doing}: {_text(error)}") from error


def cannot_connect(host: str, port: object) -> str:
    """Nothing answers there in time, or the server refuses the login, the database or TLS.

    What the driver or the server says follows.

    Cure: check POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD and
    PGSSLMODE, and that the server runs. A certificate that can't be verified needs its authority
    in PGSSLROOTCERT.
    """
    return f"Could not connect to Postgres at {host}:{port}"


def token_rejected(url: str, said: object) -> DatabaseRefused:
    """Postgres rejected a database token, then another one that was minted in its place.

    Cure: see that the role exists in this Postgres (Lakebase: `databricks_create_role`) and may
    log in; that PGUSER, where it is set, is the identity that the token is for; and that the
    instance or endpoint of the token is the one at this host.
    """
    return DatabaseRefused(
        f"Could not log in to {url}: Postgres rejected two tokens, the second one new ({said}); "
        "check that this role exists there, that PGUSER is the token's identity, and that "
        "LAKEBASE_ENDPOINT or LAKEBASE_INSTANCE_NAME is the database at this host"
    )


def token_in_the_clear(mode: str, host: str) -> DatabaseRefused:
    """The TLS mode would show a database token to whoever listens between here and Postgres.

    Cure: unset PGSSLMODE, or set it to `verify-full`; other modes are for loopback alone.
    """
    return DatabaseRefused(
        f"PGSSLMODE={mode} would send a token in the clear to {host}: unset it, or set verify-full"
    )


def authorities_unreadable(file: str, reason: object) -> DatabaseRefused:
    """The file of certificate authorities is missing or holds none.

    Cure: correct PGSSLROOTCERT: a PEM file, or `system`.
    """
    return DatabaseRefused(f"PGSSLROOTCERT: {file} can't be read: {reason}")


def no_password(reason: object) -> NoPassword:
    """There is no password to open a connection with; the reason follows.

    Cure: that of the reason, under 'The workspace' and 'Database tokens' on this page.
    """
    return NoPassword(str(reason))


def pool_exhausted(seconds: object) -> str:
    """Every connection of the pool was in use, or a new one could not be opened in time.

    Cure: raise DQX_WORKER_POOL_SIZE; look at what the database is busy with.
    """
    return f"No connection to Postgres within {seconds} s"


def no_own_schema(schema: str, database: str) -> SchemaVersionError:
    """The worker's own tables were never made in this database.

    Cure: run `dqx-worker migrate`, or set DQX_WORKER_MIGRATE=true.
    """
    return SchemaVersionError(
        f"The worker's own schema {schema} does not exist in database {database}; "
        "run: dqx-worker migrate"
    )


def own_schema_old(schema: str, migrations: str) -> SchemaVersionError:
    """The worker's own tables are those of an older version.

    Cure: run `dqx-worker migrate`, or set DQX_WORKER_MIGRATE=true.
    """
    return SchemaVersionError(
        f"The worker's own schema {schema} lacks {migrations}; run: dqx-worker migrate"
    )


def own_schema_new(schema: str, migrations: str) -> SchemaVersionError:
    """The worker's own tables are those of a newer version, which this one can't use.

    Cure: install the version that made them, or a newer one.
    """
    return SchemaVersionError(
        f"The schema {schema} has migrations that this version of the worker does not know "
        f"({migrations}): install the one that made them, or a newer one"
    )


def other_backend_schema(schema: str, served: str, wanted: str) -> SchemaVersionError:
    """The worker's own tables belong to the backend's tables in another Postgres schema.

    Cure: correct POSTGRES_DB_SCHEMA, or name a schema of this worker's own in DQX_WORKER_SCHEMA
    and migrate it.
    """
    return SchemaVersionError(
        f"The worker's own schema {schema} serves the backend schema {served}, not {wanted}: "
        "correct POSTGRES_DB_SCHEMA, or give this worker a schema of its own with "
        "DQX_WORKER_SCHEMA"
    )


def backend_lacks(what: str, schema: str, database: str) -> DatabaseRefused:
    """Tables or columns of the backend that the worker needs are not there.

    Cure: correct POSTGRES_DB or POSTGRES_DB_SCHEMA, or let the backend make its tables first.
    """
    return DatabaseRefused(
        f"The backend's {what} can't be found in schema {schema} of database {database}: check "
        "POSTGRES_DB and POSTGRES_DB_SCHEMA"
    )


def rights_missing(grants: str) -> DatabaseRefused:
    """The worker's role may not read or write what it has to.

    Cure: have the owner of the tables run the statements.
    """
    return DatabaseRefused(f"The worker's role lacks rights; have the owner run: {grants}")


def may_not_create(database: str, role: str) -> DatabaseRefused:
    """`dqx-worker migrate` makes a schema, and the role may make none in this database.

    Cure: have the database's owner run the statement, or make the schema and give it to the role.
    """
    return DatabaseRefused(
        f"The worker's role may not make its schema; have the owner run: "
        f"GRANT CREATE ON DATABASE {database} TO {role}"
    )


def _text(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer before the deadline"
    return str(error) or type(error).__name__
