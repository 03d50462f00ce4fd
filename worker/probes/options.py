"""Where the probes are served."""

from dataclasses import dataclass
from typing import Annotated, Any

from worker.options.setting import setting
from worker.options.values import Address, Port

__all__ = ["ProbeOptions", "ProbeSettings"]


def _default_probes(settled: dict[str, Any]) -> str:
    port = settled.get("app_port")
    return f"0.0.0.0:{port}" if port else "127.0.0.1:8686"


@dataclass(frozen=True, kw_only=True)
class ProbeSettings:
    """What an operator may set of the probes."""

    app_port: Annotated[
        Port | None,
        setting(
            "DATABRICKS_APP_PORT",
            "Set by Databricks in its apps: port of the probes, on every address.",
        ),
    ] = None
    probes: Annotated[
        Address,
        setting(
            "DQX_WORKER_PROBES",
            "Address of /livez, /readyz and /metrics: `host:port`, or `off`.",
            default_factory=_default_probes,
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOptions:
    """Where to serve the probes."""

    host: str
    port: int
    """0 takes any that is free, which the log then names."""
    required: bool
    """Whether a worker that can't listen there refuses to start; else it continues without."""

    @property
    def address(self) -> str:
        """Host and port, as a setting has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
