"""A client for DQX if no workspace is configured: it answers in the process.

DQX's constructors and its telemetry ask a workspace for its Spark versions, only to see that
it is there (databricks-labs-dqx 0.17: base.py, telemetry.py). This answers that one call.
Anything else fails, since this class has nothing else.
"""

__all__ = ["OfflineWorkspace"]


class _Clusters:
    def select_spark_version(self) -> str:
        return "offline"


class _Config:
    """The part of databricks.sdk.config.Config that DQX touches."""

    def __init__(self) -> None:
        self._product_info: tuple[str, str] | None = None
        self.retry_timeout_seconds: float | None = None
        self.http_timeout_seconds: float | None = None

    def copy(self) -> "_Config":
        return _Config()

    def with_user_agent_extra(self, _key: str, _value: str) -> "_Config":
        return self


class OfflineWorkspace:
    """Stands in for `databricks.sdk.WorkspaceClient`; nothing is sent anywhere."""

    def __init__(self, config: _Config | None = None) -> None:
        self.config = config or _Config()
        self.clusters = _Clusters()
