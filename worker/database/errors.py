"""What can go wrong with Postgres: a type by what the caller does about it, and the words.

Each public function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from typing import Self

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

    pending = 0
    """How many migrations it lacks."""

    def lacking(self, pending: int) -> Self:
        """Return the error, with the number of migrations that the schema lacks."""
        self.pending = pending
        return self


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
        "log in; that PGUSER, if it is set, is the identity that the token is for; and that the "
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
        "that certificate itself), or to `system` if a public one did."
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
