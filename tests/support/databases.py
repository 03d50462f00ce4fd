"""Databases with both sides' tables, copied from one: that takes a third of making them."""

from deploy.sandbox.backend import OWNER, WORKER, Backend, create_backend
from deploy.sandbox.postgres import Postgres
from tests.support.options import database_options, password_of
from worker.database.migrate import migrate

__all__ = ["copy_backend"]

_TEMPLATE, _MIGRATED = "template_backend", "template_migrated"


async def copy_backend(server: Postgres, database: str, *, migrated: bool = False) -> Backend:
    """Make `database`, which must not exist, like `create_backend`; with the worker's own schema
    if `migrated`."""
    template = _MIGRATED if migrated else _TEMPLATE
    admin = await server.admin.connect()
    try:
        if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", template):
            await _make(server, template, migrated=migrated)
        await admin.execute(
            f"CREATE DATABASE {database} TEMPLATE {template} OWNER {OWNER} STRATEGY FILE_COPY"
        )
        # All that grants.sql does for the database as a whole, which is not copied.
        await admin.execute(f"GRANT CONNECT ON DATABASE {database} TO {WORKER}")
    finally:
        await admin.close()
    return Backend.of(server, database)


async def _make(server: Postgres, template: str, *, migrated: bool) -> None:
    backend = await create_backend(server, template)
    if migrated:
        await migrate(database_options(backend.worker), password_of(backend.worker))
