"""What a login to Postgres needs, and the protocol of whatever can make one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

__all__ = ["Credential", "Provider"]


@dataclass(frozen=True, slots=True)
class Credential:
    """A principal with its secret, and until when that may be used.

    `expires_at` carries its zone; None if the end is not known. `host` is where Postgres is, if the
    provider knows it.
    """

    user: str
    secret: SecretStr
    expires_at: datetime | None
    host: str | None = None


class Provider(Protocol):
    """A way of getting a credential."""

    @property
    def subject(self) -> str:
        """What it is a credential for, in words for people."""
        ...

    async def mint(self) -> Credential:
        """Return a new credential, within a deadline of the provider's own.

        Raises `WorkspaceError`.
        """
        ...
