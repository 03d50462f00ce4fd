"""A configured password: plain Postgres."""

from dataclasses import dataclass

from pydantic import SecretStr

from worker.credentials.provider import Credential

__all__ = ["StaticPassword"]


@dataclass(frozen=True, slots=True)
class StaticPassword:
    """The principal and its password as configured, for as long as the process lives."""

    user: str
    secret: SecretStr

    @property
    def subject(self) -> str:
        """The principal."""
        return f"the role {self.user}"

    async def mint(self) -> Credential:
        """Return what is configured, without an end."""
        return Credential(self.user, self.secret, expires_at=None)
