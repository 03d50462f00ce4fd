"""Where a database is, and as whom to enter it."""

from dataclasses import dataclass
from urllib.parse import quote

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

    @property
    def url(self) -> str:
        """The address as drivers take it, with the password."""
        user, password = quote(self.user, safe=""), quote(self.password, safe="")
        return f"postgresql://{user}:{password}@{self.host}:{self.port}/{quote(self.database)}"

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
