"""TLS to Postgres, and who may log in there."""

from worker.database.errors import DatabaseRefused
from worker.telemetry.cures import message


@message(cure="set PGSSLMODE=verify-full, with PGSSLROOTCERT, if the server speaks TLS.")
def in_the_clear(host: str) -> str:
    """What the worker sends to another machine and reads from it is not encrypted."""
    return f"The connection to {host} is not encrypted"


@message(
    cure=(
        "set PGSSLMODE=verify-full, with PGSSLROOTCERT: the PEM file of the authority, or `system`."
    )
)
def not_verified(host: str) -> str:
    """The connection is encrypted, and the server's certificate is not held against anything."""
    return f"Any server that answers as {host} is trusted: its certificate is not verified"


@message(cure="have it renewed.")
def ends_soon(when: str) -> str:
    """The server's certificate will soon be over."""
    return f"The server's certificate ends at {when}"


@message(cure="unset the one that is wrong.")
def variables_differ(used: str, ignored: str) -> str:
    """Both names of a setting are set, to different values; the backend reads the same one."""
    return f"{used} counts, not {ignored}, whose value is another"


@message(
    cure=(
        "correct POSTGRES_USER or POSTGRES_PASSWORD; if the role is not there: CREATE ROLE … "
        "LOGIN PASSWORD '…', then deploy/postgres/grants.sql. A password with VALID UNTIL may be "
        "over."
    )
)
def wrong_password(user: str) -> str:
    """Postgres rejects the password; it says the same if there is no such role."""
    return f"Postgres does not take this password for the role {user}"


@message(
    cure=(
        "set POSTGRES_PASSWORD, or put a file of that name into the folder DQX_WORKER_SECRETS; for "
        "Lakebase set LAKEBASE_ENDPOINT or LAKEBASE_INSTANCE_NAME instead."
    )
)
def empty_password(user: str) -> str:
    """No password is configured, and Postgres asks for one."""
    return f"POSTGRES_PASSWORD is not set, and the role {user} needs one"


@message(
    cure=(
        "CREATE ROLE … LOGIN, or ALTER ROLE … LOGIN (Lakebase: databricks_create_role), then "
        "deploy/postgres/grants.sql; or correct PGUSER or POSTGRES_USER."
    )
)
def role_unfit(user: str) -> str:
    """The role is not in this Postgres, or is one that may not log in."""
    return f"The role {user} is not there, or may not log in"


@message(
    cure=(
        "have a line added for this role, database, address and kind of connection; if only "
        "`hostssl` lines are there, set PGSSLMODE=require or stricter; if a line asks for a "
        "certificate of the client, set PGSSLCERT and PGSSLKEY."
    )
)
def not_in_hba(host: str, user: str) -> str:
    """The server's pg_hba.conf has no line for this login, or one that rejects it."""
    return f"pg_hba.conf of {host} does not let {user} in from here"


@message(
    cure=("correct POSTGRES_DB (or PGDATABASE) to the backend's database, in its exact spelling.")
)
def no_database(database: str) -> str:
    """The server has no database of this name."""
    return f"There is no database {database} on this server"


@message(cure="have the database's owner run the statement.")
def may_not_connect(database: str, user: str) -> str:
    """The role may not enter the database."""
    return f'Run: GRANT CONNECT ON DATABASE "{database}" TO "{user}"'


@message(
    cure=(
        "end what is not needed (pg_stat_activity shows it), raise max_connections or the limit of "
        "the role (ALTER ROLE … CONNECTION LIMIT), or lower DQX_WORKER_POOL_SIZE of the workers; "
        "each takes one connection more than that."
    )
)
def no_connection_left() -> str:
    """The server, the database or the role has as many connections as it may have."""
    return "No connection is left"


@message(cure="wait and run this again; if it lasts, see the server's log.")
def not_ready() -> str:
    """The server starts, stops or recovers."""
    return "The server takes no connections just now"


@message(
    cure=(
        "correct POSTGRES_DB, or have an administrator run ALTER DATABASE … ALLOW_CONNECTIONS true."
    )
)
def closed_database(database: str) -> str:
    """The database is there and takes no connections of anybody."""
    return f"The database {database} takes no connections"


@message(cure="set POSTGRES_HOST to the same name without `-pooler`, or leave it out.")
def pooler_host(host: str) -> str:
    """The host is that of Lakebase's pooler, which takes no tokens."""
    return f"{host} is a pooler"


@message(
    cure=(
        "raise the limit of the role (ALTER ROLE … CONNECTION LIMIT), of the database, or "
        "max_connections."
    )
)
def too_few_connections(left: object, needed: object) -> DatabaseRefused:
    """A worker needs a second connection, for its heartbeat, and there is none."""
    return DatabaseRefused(
        f"The role may open {left} more connections, a worker needs at least {needed}"
    )


@message(
    cure=(
        "lower DQX_WORKER_POOL_SIZE, or raise the limit of the role, of the database, or "
        "max_connections."
    )
)
def few_connections(left: object, wanted: object) -> str:
    """A worker that opens its whole pool would come to the limit of connections."""
    return f"The role may open {left} more connections, a worker opens up to {wanted}"


@message(
    cure=(
        "set this machine's clock (NTP). Leases and times go by the database's clock alone; this "
        "machine's counts for the end of tokens and of certificates."
    )
)
def clocks_differ(seconds: object) -> str:
    """This machine's clock and the database's differ."""
    return f"This machine's clock is {seconds} s off the database's"


@message(
    cure=(
        "`ALTER DATABASE … SET timezone TO 'UTC'`, or the same of the backend's role; new sessions "
        "follow it. If the request really waited for that long, no cure is needed."
    )
)
def dates_shifted(run: str, how_far: str) -> str:
    """The backend writes dates without a time zone, and its session takes them in another than UTC.

    The worker does not go by these dates: it still works on the request. They decide the
    order of requests, and what people see.
    """
    return f"The newest request, {run}, is dated {how_far} a worker could see it"
