"""How to reach the workspace, as whom, and how long a call to it may take."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Annotated, Literal

from pydantic import AfterValidator

from worker.options.setting import setting
from worker.options.values import Name, Secret
from worker.workspace.address import workspace_address

__all__ = ["Purpose", "WorkspaceOptions", "WorkspaceSettings"]


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


@dataclass(frozen=True, kw_only=True)
class WorkspaceSettings:
    """What an operator may set of the workspace. What is None the SDK may find by itself.

    It reads the rest of DATABRICKS_*, and `.databrickscfg` if neither host nor login is given.
    """

    databricks_host: Annotated[
        Annotated[str, AfterValidator(workspace_address)] | None,
        setting(
            "DATABRICKS_HOST",
            "Address of the Databricks workspace that issues tokens and that DQX reports to.",
        ),
    ] = None
    databricks_profile: Annotated[
        str | None,
        setting(
            "DATABRICKS_CONFIG_PROFILE",
            "Profile of `.databrickscfg` that names the workspace instead.",
        ),
    ] = None
    databricks_client_id: Annotated[
        Name | None,
        setting(
            "DATABRICKS_CLIENT_ID",
            "Application id of the worker's service principal. The Databricks SDK reads the other "
            "DATABRICKS_ variables.",
        ),
    ] = None
    databricks_client_secret: Annotated[
        Secret | None, setting("DATABRICKS_CLIENT_SECRET", "OAuth secret of the service principal.")
    ] = None
    databricks_token: Annotated[
        Secret | None,
        setting("DATABRICKS_TOKEN", "Personal access token, instead of a service principal."),
    ] = None
    databricks_auth_type: Annotated[
        str | None,
        setting(
            "DATABRICKS_AUTH_TYPE", "Login method, if several are configured: `oauth-m2m`, `pat`, …"
        ),
    ] = None
    databricks_cluster_id: Annotated[
        str | None, setting("DATABRICKS_CLUSTER_ID", "Cluster for the engine `databricks`.")
    ] = None
    databricks_serverless: Annotated[
        Literal["auto"] | None,
        setting(
            "DATABRICKS_SERVERLESS_COMPUTE_ID",
            "`auto` selects serverless compute instead of a cluster.",
        ),
    ] = None
    runtime_version: Annotated[
        str | None,
        setting(
            "DATABRICKS_RUNTIME_VERSION",
            "Set by Databricks in its jobs; the default engine is `runtime` there.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class WorkspaceOptions(WorkspaceSettings):
    """The options of the workspace room."""

    @property
    def runtime(self) -> bool:
        """Whether the process runs in a Databricks job or notebook, which knows its workspace."""
        return self.runtime_version is not None

    @property
    def configured(self) -> bool:
        """Whether a workspace is named."""
        return self.databricks_host is not None or self.databricks_profile is not None

    @property
    def place(self) -> str:
        """The workspace, in messages."""
        return self.databricks_host or "the workspace"

    @property
    def login_variables(self) -> list[str]:
        """The variables of what is given here to log in with."""
        given = {
            "DATABRICKS_TOKEN": self.databricks_token,
            "DATABRICKS_CLIENT_ID": self.databricks_client_id,
            "DATABRICKS_CLIENT_SECRET": self.databricks_client_secret,
        }
        return [name for name, value in given.items() if value]

    @property
    def chosen_auth_type(self) -> str | None:
        """The SDK's name of the way to log in, if these options decide it.

        Beside one of DATABRICKS_TOKEN and DATABRICKS_CLIENT_ID the variables of a cloud
        (ARM_*, GOOGLE_*), which may be there for others, would make the SDK refuse to choose.
        """
        if self.databricks_auth_type:
            return self.databricks_auth_type
        if self.databricks_token and not self.databricks_client_secret:
            return "pat"
        if (
            self.databricks_client_id
            and self.databricks_client_secret
            and not self.databricks_token
        ):
            return "oauth-m2m"
        return None
