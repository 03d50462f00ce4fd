"""Postgres itself lets these tokens expire; connections live on, new ones get new tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest

from deploy.sandbox.backend import PRINCIPAL, Backend, Login
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.endpoints import BRANCH, ENDPOINT, READ_WRITE, Workspace
from tests.soak.credentials import cached
from tests.support.options import database_options, password_of
from tests.support.waiting import until
from worker.credentials.lakebase import LakebaseDatabase
from worker.credentials.lakebase_branch import LakebaseBranch
from worker.credentials.lakebase_endpoint import LakebaseEndpoint
from worker.credentials.passwords import CachedPassword
from worker.database.errors import DatabaseRefused, DatabaseUnavailable
from worker.database.pool import Database, open_connection

pytestmark = pytest.mark.anyio

_PID = "SELECT pg_backend_pid()"
_OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1"


@pytest.fixture
def workspace(server: Postgres) -> Workspace:
    return server_workspace(server, timedelta(seconds=2))


@asynccontextmanager
async def tokens(workspace: Workspace) -> AsyncIterator[CachedPassword]:
    async with cached(workspace, timedelta(seconds=10)) as passwords:
        yield passwords


async def test_an_open_connection_outlives_its_token(
    backend: Backend, workspace: Workspace
) -> None:
    options = database_options(backend.worker, token=True)
    async with tokens(workspace) as passwords, Database.open(options, passwords) as database:
        first = (await passwords.password()).secret.get_secret_value()
        at = backend.worker
        stale = Login(at.host, at.port, at.database, PRINCIPAL, first)

        async def expired() -> bool:
            try:
                await (await stale.connect()).close()
            except asyncpg.InvalidPasswordError:
                return True
            return False

        async with database.connection() as connection:
            pid = await connection.fetchval(_PID)
            await until(expired, "Postgres refuses the first token")
            assert await connection.fetchval(_PID) == pid
            async with database.connection() as another:
                assert await another.fetchval(_PID) != pid


async def test_a_revoked_token_costs_one_retry(backend: Backend, server: Postgres) -> None:
    workspace = server_workspace(server, timedelta(hours=1))
    options = database_options(backend.worker, token=True)
    async with tokens(workspace) as passwords:
        await passwords.password()
        await workspace.issuer.revoke(PRINCIPAL)
        async with open_connection(options, passwords) as connection:
            assert await connection.fetchval("SELECT session_user") == PRINCIPAL
    assert workspace.issuer.minted == 2


async def test_a_second_rejection_says_what_to_check(backend: Backend, server: Postgres) -> None:
    workspace = server_workspace(server, timedelta(hours=1))
    options = database_options(backend.worker, token=True)
    admin = await server.admin.connect()
    try:
        await admin.execute(f'ALTER ROLE "{PRINCIPAL}" NOLOGIN')
        async with tokens(workspace) as passwords:
            with pytest.raises(DatabaseRefused, match="rejected two tokens") as caught:
                async with open_connection(options, passwords):
                    pass
    finally:
        await admin.execute(f'ALTER ROLE "{PRINCIPAL}" LOGIN')
        await admin.close()
    assert str(caught.value).startswith(
        f"Could not log in to postgresql://{PRINCIPAL}:****@127.0.0.1:{server.port}/"
    )
    assert "is not permitted to log in" in str(caught.value)
    assert workspace.requests["/api/2.0/postgres/credentials"] == 2


@pytest.mark.parametrize("kind", [LakebaseBranch(BRANCH), LakebaseEndpoint(ENDPOINT)], ids=str)
async def test_a_database_that_has_moved_is_found_while_its_token_is_valid(
    backend: Backend, server: Postgres, kind: LakebaseDatabase
) -> None:
    """Of a branch the endpoint is another one then."""
    workspace = server_workspace(server, timedelta(hours=1))
    workspace.host = "::1"
    options = database_options(backend.worker, token=True, host=None)

    async def connects() -> bool:
        try:
            async with open_connection(options, passwords) as connection:
                return bool(await connection.fetchval("SELECT true"))
        except DatabaseUnavailable:
            return False

    async with cached(workspace, timedelta(seconds=10), kind, host=None) as passwords:
        assert not await connects()
        workspace.host = "127.0.0.1"
        if isinstance(kind, LakebaseBranch):
            del workspace.endpoints[ENDPOINT]
            workspace.endpoints[f"{BRANCH}/endpoints/second"] = READ_WRITE
        await until(connects, "the new host is found")


async def test_a_static_password_is_tried_once(backend: Backend, server: Postgres) -> None:
    login = Login("127.0.0.1", server.port, backend.worker.database, "dqx_worker", "wrong")
    log = server.home / "postgres.log"
    before = log.read_text().count('failed for user "dqx_worker"')
    with pytest.raises(DatabaseRefused, match="password authentication failed"):
        async with open_connection(database_options(login), password_of(login)):
            pass

    async def reported() -> bool:
        return log.read_text().count('failed for user "dqx_worker"') > before

    await until(reported, "the server has written its log")
    assert log.read_text().count('failed for user "dqx_worker"') == before + 1


async def test_connections_are_replaced_when_they_are_too_old(backend: Backend) -> None:
    options = database_options(
        backend.worker, connection_age=timedelta(milliseconds=200), pool_size=1
    )
    async with Database.open(options, password_of(backend.worker)) as database:
        async with database.connection() as connection:
            first = await connection.fetchval(_PID)

        async def replaced() -> bool:
            async with database.connection() as connection:
                return bool(await connection.fetchval(_PID) != first)

        await until(replaced, "another connection is lent")


async def test_a_database_at_rest_has_no_connection_until_the_next_is_needed(
    backend: Backend,
) -> None:
    options = database_options(backend.worker, application_name="at rest")
    async with (
        Database.open(options, password_of(backend.worker)) as database,
        backend.connection() as owner,
    ):
        assert await owner.fetchval(_OURS, "at rest") == 1
        await database.rest()

        async def none() -> bool:
            return bool(await owner.fetchval(_OURS, "at rest") == 0)

        await until(none, "every connection is closed")
        async with database.connection() as connection:
            assert await connection.fetchval("SELECT 1") == 1
