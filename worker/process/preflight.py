"""What has to be there before a worker starts: tables, rights, and the worker's own schema."""

from worker.database import errors
from worker.database.migrate import check_schema
from worker.database.options import DatabaseOptions
from worker.database.pool import Connection
from worker.database.sql import load_sql

__all__ = ["check_database"]

_LACKS = load_sql(__package__, "backend_lacks")


async def check_database(connection: Connection, options: DatabaseOptions) -> None:
    """Raise the error that says what is missing and what to run, if anything is.

    Raises `DatabaseRefused` for the backend's side and for rights, `SchemaVersionError` for
    the worker's own schema.
    """
    lacks: dict[str, list[str]] = {"table": [], "column": [], "grant": []}
    for row in await connection.fetch(_LACKS, options.backend_schema, options.own_schema):
        lacks[row["kind"]].append(row["what"])
    if lacks["table"] or lacks["column"]:
        raise errors.backend_lacks(
            ", ".join(sorted(lacks["table"]) + sorted(lacks["column"])),
            options.backend_schema,
            options.database,
        )
    if lacks["grant"]:
        raise errors.rights_missing("; ".join(lacks["grant"]))
    await check_schema(connection, options)
