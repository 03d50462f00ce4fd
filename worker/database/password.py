"""What the pool asks for when it opens a connection; credentials fill it, through process."""

from typing import Protocol

__all__ = ["PasswordSource"]


class PasswordSource(Protocol):
    """Gives the principal and its password, anew for each connection."""

    async def user(self) -> str:
        """Return the Postgres user."""
        ...

    async def password(self) -> str:
        """Return a password that is valid now."""
        ...
