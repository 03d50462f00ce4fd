"""Where the probes are served."""

from dataclasses import dataclass

__all__ = ["ProbeOptions"]


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
