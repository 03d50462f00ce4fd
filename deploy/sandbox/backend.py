"""The backend, as far as profiling goes: its tables, its contracts, its requests and its polling.

It owns the tables; the worker gets a role of its own with the rights that it needs and no more.
"""

import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from deploy.sandbox.database_login import Login
from deploy.sandbox.grants import apply_grants
from deploy.sandbox.insert_rows import insert
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Schema

__all__ = [
    "OWNER",
    "PRINCIPAL",
    "WORKER",
    "Backend",
    "Login",
    "create_backend",
    "insert_schema",
    "make_backend",
]

OWNER = "backend"
WORKER = "dqx_worker"
# The application id of a service principal, which Lakebase takes as the name of its role.
PRINCIPAL = "7f0c2d4e-91b8-4b6a-a3d5-2e8f60c1b9a7"

# For `dqx-worker enqueue`, which acts for the backend; the worker itself does without.
_ENQUEUE = "GRANT INSERT ON data_profiling_runs TO dqx_worker"

_POLL = """
SELECT id, contract_id, status, summary_stats, error_message,
       extract(epoch FROM coalesce(completed_at, clock_timestamp()) - started_at)::float AS elapsed
FROM data_profiling_runs ORDER BY started_at, id
"""
_STATUS = """
SELECT run_id, phase, tables_done, tables_total, percent FROM dqx_worker.run_status
"""
_SUGGESTIONS = "SELECT * FROM suggested_quality_checks ORDER BY schema_name, property_name, name"
_WITH_EVIDENCE = """
SELECT s.*, e.examples,
       e.rows + CASE e.origin WHEN 'dqx' THEN coalesce(e.held_out_rows, 0) ELSE 0 END AS tried,
       e.failing
           + CASE e.origin WHEN 'dqx' THEN coalesce(e.held_out_failing, 0) ELSE 0 END AS failing
FROM suggested_quality_checks s
LEFT JOIN dqx_worker.suggestion_evidence e ON e.suggestion_id = s.id
ORDER BY s.schema_name, s.property_name, s.name
"""


_PROGRESS = """
SELECT run_id, schema_name, state,
       coalesce(extract(epoch FROM coalesce(ended_at, clock_timestamp()) - begun_at), 0)::float
           AS elapsed
FROM dqx_worker.table_progress ORDER BY run_id, schema_name
"""


@dataclass(frozen=True, slots=True)
class Backend:
    """A database with the backend's tables, and the logins of the two sides."""

    owner: Login
    worker: Login

    @classmethod
    def of(cls, server: Postgres, database: str) -> "Backend":
        """Return a backend that `create_backend` has made."""
        return cls.at(server.admin, database, _passwords(server.home))

    @classmethod
    def at(cls, admin: Login, database: str, passwords: Mapping[str, str]) -> "Backend":
        """Return a backend in the server of `admin`; `passwords` are its two roles'."""
        owner, worker = (
            replace(admin, database=database, user=role, password=passwords[role])
            for role in (OWNER, WORKER)
        )
        return cls(owner, worker)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Open a connection as the owner of the tables."""
        connection = await self.owner.connect()
        try:
            yield connection
        finally:
            await connection.close()

    async def add_contract(self, contract: Contract) -> None:
        """Insert a contract with its schema objects and properties."""
        async with self.connection() as connection, connection.transaction():
            await insert(connection, "data_contracts", id=contract.id, name=contract.name)
            for schema in contract.schemas:
                await insert_schema(connection, contract.id, schema)

    async def request(
        self,
        contract_id: str,
        schema_names: Sequence[str],
        *,
        run_id: str | None = None,
        **columns: object,
    ) -> str:
        """Insert a profiling request and return its id: one INSERT, status 'pending'.

        `columns` are further columns of the row, for a request that differs from the backend's.
        """
        run_id = run_id or str(uuid4())
        async with self.connection() as connection:
            await insert(
                connection,
                "data_profiling_runs",
                id=run_id,
                contract_id=contract_id,
                schema_names=json.dumps(list(schema_names)),
                triggered_by="sandbox",
                **columns,
            )
        return run_id

    async def poll(self) -> list[dict[str, Any]]:
        """Return all runs, as the backend reads them."""
        async with self.connection() as connection:
            return [dict(row) for row in await connection.fetch(_POLL)]

    async def status(self) -> dict[str, dict[str, Any]]:
        """Return how far the runs are that a worker has taken, as the backend may read it."""
        async with self.connection() as connection:
            return {row["run_id"]: dict(row) for row in await connection.fetch(_STATUS)}

    async def progress(self) -> list[dict[str, Any]]:
        """Return the state of each table of all runs, which only the worker may read."""
        connection = await self.worker.connect()
        try:
            return [dict(row) for row in await connection.fetch(_PROGRESS)]
        finally:
            await connection.close()

    async def suggestions(self) -> list[dict[str, Any]]:
        """Return all suggestions."""
        async with self.connection() as connection:
            return [dict(row) for row in await connection.fetch(_SUGGESTIONS)]

    async def suggestions_with_evidence(self) -> list[dict[str, Any]]:
        """Return all suggestions with some of their evidence, as a backend with the grant may."""
        async with self.connection() as connection:
            return [dict(row) for row in await connection.fetch(_WITH_EVIDENCE)]


async def create_backend(server: Postgres, database: str, *, older: bool = False) -> Backend:
    """Make `database` anew, with the backend's tables, and the roles."""
    backend = Backend.of(server, database)
    await make_backend(server.admin, backend, server.binaries, older=older)
    return backend


async def make_backend(
    admin: Login, backend: Backend, binaries: Path, *, older: bool = False
) -> None:
    """Make the database of `backend` anew, with its tables, and the roles.

    `binaries` is the folder with psql. The tables are Ontos' of today, or its `older` ones.
    """
    database = backend.owner.database
    connection = await admin.connect()
    try:
        for login in (backend.owner, backend.worker):
            if not await _role_exists(connection, login.user):
                await _formatted(
                    connection, "CREATE ROLE %I LOGIN PASSWORD %L", login.user, login.password
                )
        if not await _role_exists(connection, PRINCIPAL):
            # A login with a token acts as the worker's role: both ways see one schema.
            await _formatted(connection, "CREATE ROLE %I LOGIN IN ROLE %I", PRINCIPAL, WORKER)
            await _formatted(connection, "ALTER ROLE %I SET role TO %L", PRINCIPAL, WORKER)
        await _formatted(connection, "DROP DATABASE IF EXISTS %I WITH (FORCE)", database)
        await _formatted(connection, "CREATE DATABASE %I OWNER %I", database, OWNER)
    finally:
        await connection.close()
    owner = await backend.owner.connect()
    try:
        await owner.execute("CREATE SCHEMA IF NOT EXISTS public")
        for file in ("backend_schema.sql", *(["older_backend.sql"] if older else [])):
            await owner.execute(resources.files(__package__).joinpath(file).read_text("utf-8"))
        await owner.execute(_ENQUEUE)
    finally:
        await owner.close()
    await apply_grants(binaries / "psql", backend.owner, role=WORKER)


async def insert_schema(connection: asyncpg.Connection, contract_id: str, schema: Schema) -> None:
    """Insert a schema object of a contract, with its properties."""
    object_id = str(uuid4())
    await insert(
        connection,
        "data_contract_schema_objects",
        id=object_id,
        contract_id=contract_id,
        name=schema.name,
        physical_name=schema.physical_name,
        physical_type="table",
        business_name=schema.name.replace("_", " ").title(),
        description=schema.description,
    )
    for one in schema.properties:
        await insert(
            connection,
            "data_contract_schema_properties",
            id=str(uuid4()),
            object_id=object_id,
            name=one.name,
            logical_type=one.logical_type,
            physical_type=one.physical_type,
            required=one.required,
            primary_key=one.key_position >= 0,
            primary_key_position=one.key_position,
            classification=one.classification,
        )


async def _role_exists(connection: asyncpg.Connection, role: str) -> bool:
    found = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    return bool(found)


def _passwords(home: Path) -> dict[str, str]:
    """Return the passwords of both roles: random, and the same for every database of a server."""
    file = home / "roles.json"
    if not file.exists():
        file.write_text(
            json.dumps({OWNER: secrets.token_urlsafe(12), WORKER: secrets.token_urlsafe(12)})
        )
        file.chmod(0o600)
    passwords: dict[str, str] = json.loads(file.read_text())
    return passwords


async def _formatted(connection: asyncpg.Connection, statement: str, *names: str) -> None:
    """Execute a statement whose names can't be parameters, quoted by Postgres itself."""
    places = ", ".join(f"${number + 2}::text" for number in range(len(names)))
    await connection.execute(
        await connection.fetchval(f"SELECT format($1, {places})", statement, *names)
    )
