"""Fills the database's `PasswordSource` with credentials: the one place where the two meet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread

from worker.credentials.cache import CredentialCache, Generation
from worker.credentials.errors import CredentialError
from worker.credentials.lakebase import Lakebase, LakebaseDatabase
from worker.credentials.lakebase_branch import LakebaseBranch
from worker.credentials.lakebase_endpoint import LakebaseEndpoint
from worker.credentials.lakebase_instance import LakebaseInstance
from worker.credentials.options import CredentialOptions
from worker.credentials.provider import Credential, Provider
from worker.credentials.static_password import StaticPassword
from worker.database.errors import no_password
from worker.database.password_source import Login, PasswordSource
from worker.workspace.clients import load_sdk
from worker.workspace.options import WorkspaceOptions

__all__ = ["CachedPassword", "FixedPassword", "open_passwords", "provider_of"]


@asynccontextmanager
async def open_passwords(
    options: CredentialOptions, workspace: WorkspaceOptions
) -> AsyncIterator[PasswordSource]:
    """Give a source of passwords while the block runs; a token is kept fresh meanwhile."""
    provider = provider_of(options, workspace)
    if isinstance(provider, StaticPassword):
        yield FixedPassword(await provider.mint())
        return
    await anyio.to_thread.run_sync(load_sdk)
    async with CredentialCache(provider).running() as cache:
        yield CachedPassword(cache)


def provider_of(options: CredentialOptions, workspace: WorkspaceOptions) -> Provider:
    """Return the way of getting a password that `options` choose."""
    database = _database(options)
    if database is None:
        return StaticPassword(options.user or "", options.password)
    return Lakebase(database, workspace, user=options.user, host=options.host)


def _database(options: CredentialOptions) -> LakebaseDatabase | None:
    if options.endpoint:
        return LakebaseEndpoint(options.endpoint)
    if options.branch:
        return LakebaseBranch(options.branch)
    return LakebaseInstance(options.instance) if options.instance else None


class FixedPassword:
    """A password that does not change: another try makes no sense."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    async def password(self) -> Login:
        """Return it."""
        return self._credential

    def at_hand(self) -> Login:
        """Return it."""
        return self._credential

    async def rejected(self, login: Login) -> bool:  # noqa: ARG002
        """Return False."""
        return False

    def unreachable(self, login: Login) -> None:
        """Do nothing: its host is configured."""


class CachedPassword:
    """The cache, in the database's terms."""

    def __init__(self, cache: CredentialCache) -> None:
        self._cache = cache
        self.mints = cache.mints
        """How many tokens were minted, and how many mints failed. Any thread may read it."""

    async def password(self) -> Login:
        """Return the credential that is valid now. Raises `NoPassword`."""
        try:
            return await self._cache.credential()
        except CredentialError as error:
            raise no_password(error) from error

    def at_hand(self) -> Login | None:
        """Return the credential that is valid now, if there is one."""
        return self._cache.usable()

    def seconds_left(self) -> float:
        """Return for how long the credential stays valid; 0 without one. Any thread may call."""
        return self._cache.seconds_left()

    async def rejected(self, login: Login) -> bool:
        """Have another one minted in its place; return whether there will be one."""
        return isinstance(login, Generation) and self._cache.rejected(login)

    def unreachable(self, login: Login) -> None:
        """Have the workspace asked again where Postgres is."""
        if isinstance(login, Generation):
            self._cache.unreachable(login)
