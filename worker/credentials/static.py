"""A password that somebody configured: plain Postgres."""

from dataclasses import dataclass

from pydantic import SecretStr

__all__ = ["StaticPassword"]


@dataclass(frozen=True, slots=True)
class StaticPassword:
    """The principal and its password as configured, for as long as the process lives."""

    principal: str
    secret: SecretStr

    async def user(self) -> str:
        """Return the configured principal."""
        return self.principal

    async def password(self) -> str:
        """Return the configured password."""
        return self.secret.get_secret_value()
