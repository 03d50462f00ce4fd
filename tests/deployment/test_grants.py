"""deploy/postgres/grants.sql gives the worker's role what it needs, and nothing else.

That a worker does its job with it `make demo` shows: the sandbox's role has these rights alone.
"""

import re
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.database_login import Login
from deploy.sandbox.grants import GRANTS, apply_grants
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_environment
from tests.support.command import migrate, run_command
from tests.support.options import database_options, password_of
from worker.database.errors import DatabaseRefused
from worker.database.migrate import migrate as migrate_here
from worker.database.options import DatabaseOptions
from worker.database.pool import open_connection
from worker.preflight.requirements import check_database

pytestmark = pytest.mark.anyio

# Names that are none without quotes.
BACKEND_SCHEMA = 'The "contracts"'
OWN_SCHEMA = "the worker's own"
READ = {
    "data_contracts",
    "data_contract_schema_objects",
    "data_contract_schema_properties",
    "data_contract_quality_checks",
    "data_profiling_runs",
    "suggested_quality_checks",
}
# What could be granted is what an owner has by default: Postgres knows the list.
ON_TABLES = """
SELECT c.relname, p.privilege_type
FROM pg_class c
JOIN pg_namespace s ON s.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(acldefault('r', c.relowner)) p
WHERE s.nspname = $2 AND c.relkind = 'r' AND has_table_privilege($1, c.oid, p.privilege_type)
"""
ON_COLUMNS = """
SELECT c.relname, a.attname, p
FROM pg_class c
JOIN pg_namespace s ON s.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p
WHERE s.nspname = $2 AND c.relkind = 'r'
  AND has_column_privilege($1, c.oid, a.attnum, p) AND NOT has_table_privilege($1, c.oid, p)
"""
ON_SCHEMAS = """
SELECT s.nspname, p.privilege_type
FROM pg_namespace s CROSS JOIN LATERAL aclexplode(acldefault('n', s.nspowner)) p
WHERE s.nspname !~ '^(pg_|information_schema$)'
  AND has_schema_privilege($1, s.oid, p.privilege_type)
"""
ON_THE_DATABASE = """
SELECT p.privilege_type
FROM pg_database d CROSS JOIN LATERAL aclexplode(acldefault('d', d.datdba)) p
WHERE d.datname = current_database() AND has_database_privilege($1, d.oid, p.privilege_type)
"""
GRANT_LINES = [
    line
    for line in re.findall(r"^ *GRANT [^;]+;", GRANTS.read_text("utf-8"), re.MULTILINE)
    if "backend_role" not in line
]


@dataclass(frozen=True, slots=True)
class Site:
    """A backend in a database where PUBLIC may nothing, and a role that may only log in."""

    psql: Path
    owner: Login
    role: Login

    @property
    def options(self) -> DatabaseOptions:
        return database_options(self.role, backend_schema=BACKEND_SCHEMA, own_schema=OWN_SCHEMA)

    async def grant(self, file: Path = GRANTS, **more: str) -> None:
        await apply_grants(
            self.psql,
            self.owner,
            file,
            role=self.role.user,
            backend_schema=BACKEND_SCHEMA,
            own_schema=OWN_SCHEMA,
            **more,
        )

    async def start(self) -> None:
        """Do what a worker does first: its own schema, then what is missing."""
        await migrate_here(self.options, password_of(self.role))
        async with open_connection(self.options, password_of(self.role)) as connection:
            await check_database(connection, self.options)


@pytest.fixture
async def site(server: Postgres, backend: Backend) -> Site:
    role = replace(backend.worker, user=str(uuid4()), password="of-its-own")
    admin = await server.admin.connect()
    await admin.execute(f"CREATE ROLE {_quoted(role.user)} LOGIN PASSWORD '{role.password}'")
    await admin.close()
    async with backend.connection() as owner:
        await owner.execute(
            f"""
            REVOKE ALL ON DATABASE {backend.owner.database} FROM PUBLIC;
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            CREATE TABLE public.users (id text PRIMARY KEY, email text);
            ALTER SCHEMA public RENAME TO {_quoted(BACKEND_SCHEMA)}
            """
        )
    return Site(server.binaries / "psql", backend.owner, role)


@pytest.fixture
async def owner(site: Site, backend: Backend) -> AsyncIterator[asyncpg.Connection]:
    async with backend.connection() as connection:
        await connection.execute(f"SET search_path = {_quoted(BACKEND_SCHEMA)}")
        yield connection


async def test_the_rights_are_these_and_no_others(site: Site, owner: asyncpg.Connection) -> None:
    await site.grant()
    await site.grant()
    role = site.role.user
    assert {tuple(row) for row in await owner.fetch(ON_TABLES, role, BACKEND_SCHEMA)} == {
        *((table, "SELECT") for table in READ),
        ("suggested_quality_checks", "INSERT"),
        ("suggested_quality_checks", "DELETE"),
    }
    assert {tuple(row) for row in await owner.fetch(ON_COLUMNS, role, BACKEND_SCHEMA)} == {
        ("data_profiling_runs", column, "UPDATE")
        for column in ("status", "summary_stats", "completed_at", "error_message")
    }
    assert {tuple(row) for row in await owner.fetch(ON_SCHEMAS, role)} == {
        (BACKEND_SCHEMA, "USAGE"),
        (OWN_SCHEMA, "USAGE"),
        (OWN_SCHEMA, "CREATE"),
    }
    assert {tuple(row) for row in await owner.fetch(ON_THE_DATABASE, role)} == {("CONNECT",)}
    memberships = "SELECT count(*) FROM pg_auth_members WHERE member = quote_ident($1)::regrole"
    assert await owner.fetchval(memberships, role) == 0


async def test_a_worker_migrates_with_them_and_finds_nothing_missing(
    site: Site, tmp_path: Path
) -> None:
    await site.grant()
    schemas = {"POSTGRES_DB_SCHEMA": BACKEND_SCHEMA, "DQX_WORKER_SCHEMA": OWN_SCHEMA}
    await migrate(worker_environment(site.role, tmp_path, **schemas))
    await site.start()


@pytest.mark.parametrize("line", GRANT_LINES, ids=lambda line: " ".join(line.split())[:60])
async def test_without_any_one_of_them_it_does_not_start(
    site: Site, line: str, tmp_path: Path
) -> None:
    text = GRANTS.read_text("utf-8")
    assert text.count(line) == 1
    (tmp_path / "grants.sql").write_text(text.replace(line, ""))
    await site.grant(tmp_path / "grants.sql")
    with pytest.raises(DatabaseRefused) as caught:
        await site.start()
    reported = str(caught.value)
    granting = _filled(" ".join(line.split()), site)
    if "CONNECT" in granting:
        assert "permission denied for database" in reported
    else:
        # What is told gives each right of a table by itself.
        told_as = granting.replace("INSERT, DELETE", "INSERT")
        assert "have the owner run: " in reported
        assert told_as in reported


async def test_an_older_backend_may_lack_what_the_worker_does_without(
    site: Site, owner: asyncpg.Connection
) -> None:
    await owner.execute("DROP TABLE data_contract_quality_checks")
    await site.grant()
    await site.start()


async def test_where_a_table_is_missing_nothing_is_granted(
    site: Site, owner: asyncpg.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    await owner.execute("DROP TABLE suggested_quality_checks")
    with pytest.raises(subprocess.CalledProcessError):
        await site.grant()
    assert f'relation "{BACKEND_SCHEMA}.suggested_quality_checks" does not exist' in (
        capfd.readouterr().err
    )
    assert await owner.fetch(ON_TABLES, site.role.user, BACKEND_SCHEMA) == []
    assert await owner.fetch(ON_SCHEMAS, site.role.user) == []


async def test_a_schema_that_others_may_create_in_is_warned_of(
    site: Site, owner: asyncpg.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    await site.grant()
    assert capfd.readouterr().err == ""
    await owner.execute(f"GRANT CREATE ON SCHEMA {_quoted(BACKEND_SCHEMA)} TO PUBLIC")
    await owner.execute(f"GRANT CREATE ON SCHEMA {_quoted(OWN_SCHEMA)} TO pg_monitor")
    await site.grant()
    warned = capfd.readouterr().err
    assert f"REVOKE CREATE ON SCHEMA {_quoted(BACKEND_SCHEMA)} FROM PUBLIC;" in warned
    assert f"REVOKE CREATE ON SCHEMA {_quoted(OWN_SCHEMA)} FROM pg_monitor;" in warned


async def test_a_schema_that_the_role_has_made_stays_its_own(
    site: Site, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        f"GRANT CONNECT, CREATE ON DATABASE {site.role.database} TO {_quoted(site.role.user)}"
    )
    await migrate_here(site.options, password_of(site.role))
    await site.grant()
    await site.start()


async def test_the_tables_owner_need_not_own_the_database(
    server: Postgres, site: Site, owner: asyncpg.Connection
) -> None:
    admin = await replace(server.admin, database=site.owner.database).connect()
    await admin.execute(
        f"""
        ALTER SCHEMA {_quoted(BACKEND_SCHEMA)} OWNER TO {site.owner.user};
        ALTER DATABASE {site.owner.database} OWNER TO {server.admin.user};
        GRANT CONNECT ON DATABASE {site.owner.database} TO PUBLIC;
        GRANT CREATE ON DATABASE {site.owner.database} TO {site.owner.user}
        """
    )
    await admin.close()
    await site.grant()
    await site.start()


async def test_the_worker_lets_the_backends_role_write_options_and_read_progress(
    server: Postgres, site: Site, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    app = replace(site.role, user='the "app"; --', password="an-app")
    admin = await server.admin.connect()
    await admin.execute(f"CREATE ROLE {_quoted(app.user)} LOGIN PASSWORD '{app.password}'")
    await admin.execute(f"GRANT CONNECT ON DATABASE {site.owner.database} TO {_quoted(app.user)}")
    await admin.close()
    await site.grant(backend_role=app.user)
    schemas = {"POSTGRES_DB_SCHEMA": BACKEND_SCHEMA, "DQX_WORKER_SCHEMA": OWN_SCHEMA}
    environment = worker_environment(site.role, tmp_path, **schemas)

    first, again = (run_command(environment, "migrate", "--grant-to", app.user) for _ in range(2))

    assert (first.returncode, again.returncode) == (0, 0)
    own, role = _quoted(OWN_SCHEMA), _quoted(app.user)
    assert set(first.stdout.splitlines()[1:]) == {
        f"Done: GRANT INSERT ON {own}.run_options TO {role}",
        f"Done: GRANT SELECT ON {own}.run_options TO {role}",
        f"Done: GRANT SELECT ON {own}.run_status TO {role}",
        f"Done: GRANT SELECT ON {own}.queue_status TO {role}",
        f"Done: GRANT SELECT ON {own}.worker_status TO {role}",
        f"Done: GRANT SELECT ON {own}.suggestion_evidence TO {role}",
    }
    assert again.stdout == f"{OWN_SCHEMA} is up to date\n"
    connection = await app.connect()
    await connection.execute(f"INSERT INTO {own}.run_options VALUES ('r', '{{}}')")
    assert await connection.fetch(f"SELECT * FROM {own}.run_status") == []
    assert await connection.fetch(f"SELECT * FROM {own}.worker_status") == []
    # Although the role may not read the backend's runs.
    assert await connection.fetchval(f"SELECT waiting FROM {own}.queue_status") == 0
    await connection.close()
    assert {tuple(row) for row in await owner.fetch(ON_SCHEMAS, app.user)} == {
        (OWN_SCHEMA, "USAGE")
    }
    # The rights on views are not among them: they are no tables.
    rights = {tuple(row) for row in await owner.fetch(ON_TABLES, app.user, OWN_SCHEMA)}
    assert rights == {("run_options", "INSERT"), ("run_options", "SELECT")}


async def test_all_is_taken_back_as_the_head_of_the_file_says(
    server: Postgres, site: Site, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await site.grant()
    await site.start()
    # The role is made and dropped by another one than the tables' owner here.
    head = GRANTS.read_text("utf-8").partition("To take it all back")[2].partition("\\set")[0]
    *statements, drop_role = re.findall(r"^--   (.+;)$", head, re.MULTILINE)
    assert drop_role == "DROP ROLE dqx_worker;"
    written = "\n".join(statements)
    for default, name in (
        ("SCHEMA dqx_worker", f"SCHEMA {_quoted(OWN_SCHEMA)}"),
        ("FROM dqx_worker", f"FROM {_quoted(site.role.user)}"),
        ("SCHEMA public", f"SCHEMA {_quoted(BACKEND_SCHEMA)}"),
    ):
        assert default in written
        written = written.replace(default, name)
    (tmp_path / "revoke.sql").write_text(f"\\set ON_ERROR_STOP on\n{written}")
    await site.grant(tmp_path / "revoke.sql")
    for query in (ON_TABLES, ON_COLUMNS):
        assert await owner.fetch(query, site.role.user, BACKEND_SCHEMA) == []
    for query in (ON_SCHEMAS, ON_THE_DATABASE):
        assert await owner.fetch(query, site.role.user) == []
    admin = await server.admin.connect()
    await admin.execute(f"DROP ROLE {_quoted(site.role.user)}")
    await admin.close()


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _filled(line: str, site: Site) -> str:
    """Put names in the place of psql's variables."""
    names = {"backend_schema": BACKEND_SCHEMA, "own_schema": OWN_SCHEMA, "role": site.role.user}
    for variable, name in names.items():
        line = line.replace(f':"{variable}"', _quoted(name))
    return line.removesuffix(";")
