"""The backend's severities and DQX's criticalities, the one as the other."""

from collections.abc import Mapping

__all__ = ["criticality_of", "severity_of"]

_SEVERITY: Mapping[str, str] = {"error": "error", "warn": "warning"}
_CRITICALITY: Mapping[str, str] = {
    "critical": "error",
    "error": "error",
    "warning": "warn",
    "info": "warn",
}


def severity_of(criticality: str) -> str:
    """Return the backend's word for a criticality."""
    return _SEVERITY.get(criticality, "error")


def criticality_of(severity: str | None) -> str | None:
    """Return DQX's word for a severity; None for one that the backend does not offer."""
    return _CRITICALITY.get((severity or "").strip().casefold())
