"""The login that the step 'token' got, in the database's terms."""

from worker.credentials.provider import Credential, Provider
from worker.credentials.static_password import StaticPassword
from worker.database.errors import no_password
from worker.database.password_source import Login
from worker.workspace.errors import WorkspaceError

__all__ = ["OneLogin"]


class OneLogin:
    """Gives one credential, and another one if Postgres rejects a token, as the cache does."""

    def __init__(self, provider: Provider, credential: Credential) -> None:
        self._provider = provider
        self._credential: Credential | None = credential
        self._spare = not isinstance(provider, StaticPassword)

    async def password(self) -> Login:
        """Return the credential, or after a rejection another one. Raises `NoPassword`."""
        if self._credential is None:
            try:
                self._credential = await self._provider.mint()
            except WorkspaceError as error:
                raise no_password(error) from error
        return self._credential

    def at_hand(self) -> Login | None:
        """Return the credential, unless it was rejected."""
        return self._credential

    async def rejected(self, login: Login) -> bool:
        """Forget the credential; return whether there will be another one."""
        if not self._spare or login is not self._credential:
            return False
        self._spare = False
        self._credential = None
        return True

    def unreachable(self, login: Login) -> None:
        """Do nothing: the step that fails is the finding."""
