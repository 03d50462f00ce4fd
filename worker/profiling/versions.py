"""The versions of DQX that this worker was tried with, from its whole suite of tests down."""

from importlib.metadata import version

__all__ = ["VERIFIED", "dqx_version"]

VERIFIED = ("0.17.0",)


def dqx_version() -> str:
    """Return the installed version of DQX. Raises `PackageNotFoundError`."""
    return version("databricks-labs-dqx")
