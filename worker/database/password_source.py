"""What the database room asks for when it opens a connection; process fills it with credentials."""

from typing import Protocol

from pydantic import SecretStr

from worker.concurrency.side_loop import Home

__all__ = ["Login", "PasswordSource", "PasswordsOfHome"]


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
        """Where Postgres is, if no host is configured."""
        ...


class PasswordSource(Protocol):
    """Gives a login, asked anew for each connection."""

    async def password(self) -> Login:
        """Return a login that is valid now. Raises `NoPassword` if there is none."""
        ...

    def at_hand(self) -> Login | None:
        """Return the login that is valid now, if there is one. Any thread may call this."""
        ...

    async def rejected(self, login: Login) -> bool:
        """Take note that Postgres rejected `login`; return whether another try makes sense."""
        ...

    def unreachable(self, login: Login) -> None:
        """Take note that no connection could be opened at the host of `login`."""
        ...


class PasswordsOfHome:
    """A source that belongs to the home loop, for use in a side loop.

    While the source has a valid login at hand, the home loop is not waited for.
    """

    def __init__(self, source: PasswordSource, home: Home) -> None:
        self._source = source
        self._home = home

    async def password(self) -> Login:
        """Return the login at hand, else the one that the source waits for. Raises `NoPassword`."""
        if (login := self.at_hand()) is not None:
            return login
        return await self._home.ask(self._source.password)

    def at_hand(self) -> Login | None:
        """Return the login that is valid now, if there is one."""
        return self._source.at_hand()

    async def rejected(self, login: Login) -> bool:
        """Report the rejection to the source and return its answer."""
        return await self._home.ask(self._source.rejected, login)

    def unreachable(self, login: Login) -> None:
        """Report to the source that the host of `login` can't be reached."""
        self._home.post(self._source.unreachable, login)
