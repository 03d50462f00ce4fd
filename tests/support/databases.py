"""Databases with both sides' tables, copied from one: that takes a third of making them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.sandbox.backend import OWNER, WORKER, Backend, create_backend
from deploy.sandbox.postgres import Postgres
from tests.support.options import database_options, password_of
from worker.database.migrate import migrate

__all__ = ["copy_backend", "shut"]


async def copy_backend(
    server: Postgres, database: str, *, older: bool = False, migrated: bool = False
) -> Backend:
    """Make `database` anew like `create_backend`; with the worker's own schema if `migrated`."""
    template = f"template{'_older' if older else ''}{'_migrated' if migrated else ''}"
    admin = await server.admin.connect()
    try:
        if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", template):
            made = await create_backend(server, template, older=older)
            if migrated:
                await migrate(database_options(made.worker), password_of(made.worker))
        await admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        await admin.execute(
            f"CREATE DATABASE {database} TEMPLATE {template} OWNER {OWNER} STRATEGY FILE_COPY"
        )
        # All that grants.sql does for the database as a whole, which is not copied.
        await admin.execute(f"GRANT CONNECT ON DATABASE {database} TO {WORKER}")
    finally:
        await admin.close()
    return Backend.of(server, database)


@asynccontextmanager
async def shut(server: Postgres, database: str) -> AsyncIterator[None]:
    """Let nobody into `database` while the block runs."""
    admin = await server.admin.connect()
    try:
        await admin.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database
        )
        yield
        await admin.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true')
    finally:
        await admin.close()
