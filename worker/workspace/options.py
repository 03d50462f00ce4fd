"""How to reach the workspace, as whom, and how long a call to it may take."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from pydantic import SecretStr

__all__ = ["Purpose", "WorkspaceOptions"]


class Purpose(Enum):
    """What a client is for: each gets a config of its own, since DQX changes the one it gets.

    The values are the deadlines of one HTTP request and of one call with all its retries.
    """

    CREDENTIALS = (timedelta(seconds=6), timedelta(seconds=1))
    """No retries of the SDK's: the cache in front has its own, which block no thread."""
    DQX = (timedelta(seconds=10), timedelta(seconds=20))
    SPARK = (timedelta(seconds=30), timedelta(seconds=120))

    @property
    def http_timeout(self) -> timedelta:
        """The deadline of one HTTP request."""
        return self.value[0]

    @property
    def retry_timeout(self) -> timedelta:
        """The deadline of one call of the SDK, with its retries."""
        return self.value[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceOptions:
    """The options of the workspace room. What is None the SDK may find by itself.

    It reads the rest of DATABRICKS_*, and `.databrickscfg` where neither host nor login is given.
    """

    host: str | None = None
    profile: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    token: SecretStr | None = None
    auth_type: str | None = None
    cluster_id: str | None = None
    """The cluster that Spark runs on."""
    serverless: str | None = None
    """`auto` for serverless compute instead."""
    runtime: bool = False
    """Whether the process runs in a Databricks job or notebook, which knows its workspace."""

    @property
    def configured(self) -> bool:
        """Whether a workspace is named."""
        return self.host is not None or self.profile is not None

    @property
    def place(self) -> str:
        """The workspace, in messages."""
        return self.host or "the workspace"

    @property
    def login_variables(self) -> list[str]:
        """The variables of what is given here to log in with."""
        given = {
            "DATABRICKS_TOKEN": self.token,
            "DATABRICKS_CLIENT_ID": self.client_id,
            "DATABRICKS_CLIENT_SECRET": self.client_secret,
        }
        return [name for name, value in given.items() if value]

    @property
    def chosen_auth_type(self) -> str | None:
        """The SDK's name of the way to log in, where these options decide it.

        Beside one of DATABRICKS_TOKEN and DATABRICKS_CLIENT_ID the variables of a cloud
        (ARM_*, GOOGLE_*), which may be there for others, would make the SDK refuse to choose.
        """
        if self.auth_type:
            return self.auth_type
        if self.token and not self.client_secret:
            return "pat"
        if self.client_id and self.client_secret and not self.token:
            return "oauth-m2m"
        return None
