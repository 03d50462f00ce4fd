"""Which way of getting a password, and what it needs."""

from dataclasses import dataclass

from pydantic import SecretStr

__all__ = ["CredentialOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialOptions:
    """The options of the credentials room: one Lakebase database, or else a static password."""

    user: str | None
    """The principal; None where the workspace is to be asked, which only a token allows."""
    password: SecretStr
    endpoint: str | None
    branch: str | None
    instance: str | None
    host: str | None
    """Where Postgres is, if that is configured; a token goes there if the workspace agrees."""
