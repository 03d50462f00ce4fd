"""What keeps a worker process from starting that is no other room's: types, and the words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.database.errors import DatabaseRefused
from worker.telemetry.cures import message


@message(
    cure=(
        "CREATE POLICY … TO the worker's role, or ALTER ROLE … BYPASSRLS, or have the owner "
        "DISABLE ROW LEVEL SECURITY."
    )
)
def rows_hidden(tables: str) -> DatabaseRefused:
    """Row-level security is on and there is no policy: the role sees no row and can write none."""
    return DatabaseRefused(f"Row-level security hides every row of {tables}")


@message(
    cure=(
        "if nothing runs: DROP SCHEMA … CASCADE, then `dqx-worker migrate`. What the worker "
        "knows of unfinished runs is lost with it; the backend's tables are not touched."
    )
)
def own_tables_gone(schema: str, tables: str) -> DatabaseRefused:
    """The worker's own schema counts as up to date, and tables of it are not there."""
    return DatabaseRefused(f"The schema {schema} lacks {tables}, which its migrations made")


@message(
    cure=(
        "connect to Postgres itself instead of a pooler, or set them for the role: ALTER ROLE … "
        "SET statement_timeout = …."
    )
)
def parameters_lost(names: str) -> str:
    """Parameters that the worker asked for at the start of the connection are not in effect.

    A pooler ignores them. Without deadlines a worker that freezes in a transaction holds its locks.
    """
    return f"Not in effect: {names}"


@message(
    cure=(
        "connect to Postgres itself, not through a pooler in transaction mode: set POSTGRES_HOST "
        "and POSTGRES_PORT to the server's. The worker sets search_path and deadlines at the start "
        "of a connection, and needs them for as long as it lives."
    )
)
def pooler_refuses() -> str:
    """What answers does not take what the worker sends at the start: PgBouncer, most likely."""
    return "A pooler in front of Postgres refuses the connection"


@message(
    cure=(
        "set POSTGRES_HOST to the primary (of Lakebase: the read-write host); or ALTER ROLE … "
        "RESET default_transaction_read_only, and the same of the database."
    )
)
def read_only() -> str:
    """The server takes no writes: a standby, or `default_transaction_read_only` is on."""
    return "The server takes no writes"


@message(
    cure=(
        "connect to Postgres itself, or to a pooler in session mode: correct POSTGRES_HOST and "
        "POSTGRES_PORT."
    )
)
def pooled() -> DatabaseRefused:
    """A pooler gives each transaction another server process: PgBouncer in transaction mode.

    The worker listens for requests, prepares its statements and sets deadlines for as long as a
    connection lives. All three are lost there.
    """
    return DatabaseRefused(
        "A pooler in transaction mode stands before Postgres: sessions do not last there, and the "
        "worker needs them; set POSTGRES_HOST and POSTGRES_PORT to the server's own"
    )
