"""Issues passwords that Postgres itself refuses once they have expired."""

import base64
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import asyncpg

__all__ = ["Issuer", "Token", "TokenIssuer"]

_PAST = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Token:
    """A password and until when Postgres takes it."""

    text: str
    expires_at: datetime


class TokenIssuer(Protocol):
    """What a workspace needs of it."""

    minted: int
    issued: list[str]

    async def token(self, role: str) -> Token:
        """Return a password of `role`."""
        ...

    async def revoke(self, role: str) -> None:
        """End the current password of `role`."""
        ...


@dataclass
class Issuer:
    """Sets the password of a role, with an end.

    A role has one password, other than a Lakebase role, whose tokens live beside each other. So
    the current one is handed out until half its life is over, and only then a new one is set,
    which ends the old.

    `connect` opens a connection as a role that may alter the role.
    """

    connect: Callable[[], Awaitable[asyncpg.Connection]]
    life: timedelta
    minted: int = 0
    issued: list[str] = field(default_factory=list, repr=False)
    _current: dict[str, Token] = field(default_factory=dict, repr=False)

    async def token(self, role: str) -> Token:
        """Return a password of `role` that is valid for at least half its life."""
        connection = await self.connect()
        try:
            now = await connection.fetchval("SELECT clock_timestamp()")
            current = self._current.get(role)
            if current and current.expires_at - now > self.life / 2:
                return current
            token = Token(_text(role), now + self.life)
            await self._alter(connection, role, token)
        finally:
            await connection.close()
        self._current[role] = token
        self.issued.append(token.text)
        self.minted += 1
        return token

    async def revoke(self, role: str) -> None:
        """Have Postgres refuse the current password of `role`, before its end."""
        connection = await self.connect()
        try:
            await self._alter(connection, role, Token(secrets.token_urlsafe(), _PAST))
        finally:
            await connection.close()
        self._current.pop(role, None)

    @staticmethod
    async def _alter(connection: asyncpg.Connection, role: str, token: Token) -> None:
        # VALID UNTIL stays when only the password changes: both, always.
        await connection.execute(
            await connection.fetchval(
                "SELECT format('ALTER ROLE %I PASSWORD %L VALID UNTIL %L', $1::text, $2::text,"
                " $3::timestamptz)",
                role,
                token.text,
                token.expires_at,
            )
        )


def _text(role: str) -> str:
    """Return something of the shape and about the length of a real token, a JWT."""
    parts = [json.dumps({"alg": "RS256", "typ": "JWT"}), json.dumps({"sub": role, "scope": "all"})]
    encoded = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, secrets.token_urlsafe(512)])
