"""What the database room asks for when it opens a connection; process fills it with credentials."""

from typing import Protocol

from pydantic import SecretStr

__all__ = ["Login", "PasswordSource"]


class Login(Protocol):
    """As whom to enter Postgres, and with what."""

    @property
    def user(self) -> str:
        """The principal."""
        ...

    @property
    def secret(self) -> SecretStr:
        """Its password, or a token that serves as one."""
        ...

    @property
    def host(self) -> str | None:
        """Where Postgres is, where no host is configured."""
        ...


class PasswordSource(Protocol):
    """Gives a login, asked anew for each connection."""

    async def password(self) -> Login:
        """Return a login that is valid now. Raises `NoPassword` when none can be had."""
        ...

    def rejected(self, login: Login) -> bool:
        """Take note that Postgres rejected `login`; tell whether another try makes sense."""
        ...

    def unreachable(self, login: Login) -> None:
        """Take note that no connection could be opened at the host of `login`."""
        ...
