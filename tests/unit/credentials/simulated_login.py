"""A workspace that mints and a Postgres that takes or rejects, on a virtual clock."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg
from pydantic import SecretStr

from tests.unit.credentials.virtual_clock import START, VirtualClock
from worker.credentials.provider import Credential
from worker.database.errors import DatabaseRefused, DatabaseUnavailable
from worker.database.password_source import Login
from worker.workspace import errors
from worker.workspace.errors import WorkspaceError

DEADLINE = 10.0


@dataclass
class World:
    """`failure` is what the workspace answers instead of a token; None: a token.

    `moves` counts how often Postgres has moved to another host.
    """

    clock: VirtualClock
    life: float | None = 3600.0
    latency: float = 0.0
    failure: WorkspaceError | None = None
    hangs: bool = False
    role_exists: bool = True
    moves: int = 0
    mints: list[float] = field(default_factory=list)
    minting: int = 0
    ends: dict[str, float] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    served: list[tuple[float, str]] = field(default_factory=list)

    subject = "the endpoint of the test"

    async def mint(self) -> Credential:
        """Be the cache's provider."""
        self.mints.append(self.clock.monotonic())
        self.minting += 1
        assert self.minting == 1, "two mints under way"
        try:
            if self.hangs:
                await self.clock.sleep(DEADLINE)
                raise errors.no_answer("the workspace")
            await self.clock.sleep(self.latency)
            if self.failure:
                raise self.failure
            token = f"token {len(self.mints)}"
            real = 3600.0 if self.life is None else self.life
            self.ends[token] = self.clock.monotonic() + real
            return Credential("role", SecretStr(token), self._end(token), self._host)
        finally:
            self.minting -= 1

    @property
    def _host(self) -> str:
        return f"host {self.moves}"

    def _end(self, token: str) -> datetime | None:
        return None if self.life is None else START + timedelta(seconds=self.ends[token])

    async def enter(self, login: Login) -> str:
        """Be Postgres: take a token or reject it, as asyncpg and the database room tell it."""
        token = login.secret.get_secret_value()
        now = self.clock.monotonic()
        self.served.append((now, token))
        if login.host != self._host:
            raise DatabaseUnavailable("Could not connect")
        if self.role_exists and token not in self.revoked and now < self.ends[token]:
            return token
        rejection = asyncpg.InvalidPasswordError("password authentication failed")
        raise DatabaseRefused("Could not connect") from rejection

    def revoke(self) -> None:
        """Have Postgres reject every token that there is."""
        self.revoked |= set(self.ends)
