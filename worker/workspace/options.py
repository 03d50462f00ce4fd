"""Whether there is a workspace, and how long a call to it may take."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["WorkspaceOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceOptions:
    """The options of the workspace room. The SDK reads the rest of DATABRICKS_* itself."""

    configured: bool
    """Whether DATABRICKS_HOST or DATABRICKS_CONFIG_PROFILE names a workspace."""
    http_timeout: timedelta = timedelta(seconds=10)
    retry_timeout: timedelta = timedelta(seconds=20)
