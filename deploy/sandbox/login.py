"""Where a database is, and as whom to enter it."""

from dataclasses import dataclass

import asyncpg

__all__ = ["Login"]


@dataclass(frozen=True, slots=True)
class Login:
    """Where a database is, and as whom to enter it."""

    host: str
    port: int
    database: str
    user: str
    password: str

    async def connect(self) -> asyncpg.Connection:
        """Open a connection."""
        return await asyncpg.connect(
            host=self.host,
            port=self.port,
            database=self.database,
            user=self.user,
            password=self.password,
            timeout=30,
            command_timeout=60,
        )
