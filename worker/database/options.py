"""Where Postgres is and how long anything there may take."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from worker.options.setting import setting
from worker.options.values import FromText, Host, Names, Port, PositiveDuration

__all__ = ["DatabaseOptions", "DatabaseSettings", "TlsMode"]

TlsMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]


_Identifier = Annotated[str, Field(max_length=63)]
"""Postgres cuts longer names."""


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """What an operator may set of the database."""

    host: Annotated[
        Host | None,
        setting(
            ("PGHOST", "POSTGRES_HOST"),
            "Host of Postgres. Required unless a LAKEBASE_ variable is set.",
        ),
    ] = None
    port: Annotated[Port, setting(("PGPORT", "POSTGRES_PORT"), "Port of Postgres.")] = 5432
    database: Annotated[
        str, setting(("PGDATABASE", "POSTGRES_DB"), "Name of the backend's database.")
    ]
    backend_schema: Annotated[
        _Identifier,
        setting(
            ("PGSCHEMA", "POSTGRES_DB_SCHEMA"), "Postgres schema that holds the backend's tables."
        ),
    ] = "public"
    ssl: Annotated[
        TlsMode | None,
        setting(
            "PGSSLMODE",
            "TLS mode, as in libpq. The default is `prefer`, and `verify-full` with tokens.",
        ),
    ] = None
    ca_file: Annotated[
        str | None,
        setting("PGSSLROOTCERT", "Trusted certificate authorities: a PEM file, or `system`."),
    ] = None
    """None or `system`: the authorities of the system."""
    own_schema: Annotated[
        _Identifier, setting("DQX_WORKER_SCHEMA", "Postgres schema of the worker's own tables.")
    ] = "dqx_worker"
    grant_to: Annotated[
        Names,
        setting(
            "DQX_WORKER_GRANT_TO",
            "Backend roles, separated by commas, that may write the options of a run and read its "
            "progress. `migrate` and DQX_WORKER_MIGRATE grant these rights.",
        ),
    ] = ()
    pool_size: Annotated[
        PositiveInt,
        setting(
            "DQX_WORKER_POOL_SIZE",
            "Number of connections to Postgres. The heartbeat has one more.",
            le=100,
        ),
    ] = 10
    connect_timeout: Annotated[
        PositiveDuration,
        setting(
            "DQX_WORKER_CONNECT_TIMEOUT",
            "Deadline for opening a connection or getting one from the pool.",
        ),
    ] = timedelta(seconds=30)
    connection_age: Annotated[
        timedelta,
        setting(
            "DQX_WORKER_CONNECTION_AGE",
            "Maximum age of a connection. Lakebase closes connections after three days.",
            le=timedelta(hours=60),
        ),
        FromText,
    ] = timedelta(hours=12)
    """docs.databricks.com, Lakebase, authentication: it ends them then."""


@dataclass(frozen=True, kw_only=True)
class DatabaseOptions(DatabaseSettings):
    """The options of the database room; without a `host` the login says it."""

    token: bool = False
    """Whether the password is a token, which anyone who sees it may use."""
    application_name: str = "dqx-worker"
    statement_timeout: timedelta
    """The server ends a statement after it. Shorter than half a lease, so that a worker
    that is frozen in a transaction does not hold its lease past rescue."""
    command_timeout: timedelta
    """The client's deadline for one operation, longer than the server's: past it, the server did
    not answer."""
    idle_in_transaction_timeout: timedelta
    lock_timeout: timedelta = timedelta(milliseconds=500)
    """Below Postgres' deadlock_timeout (1 s): if the backend deletes a run or a contract
    meanwhile, the worker gives way before Postgres picks a victim."""
