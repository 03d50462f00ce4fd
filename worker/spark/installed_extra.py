"""Which package brings Spark here: each extra has one of its own, and two break one another."""

from importlib.metadata import PackageNotFoundError, version

from worker.spark import errors
from worker.spark.engine_kind import EngineKind

__all__ = ["installed_engine", "refuse_clashing_extras"]

_PACKAGES = {
    "pyspark": EngineKind.LOCAL,
    "pyspark-client": EngineKind.CONNECT,
    "databricks-connect": EngineKind.DATABRICKS,
}
"""Each brings a package `pyspark`; of two the one installed last wins, half of it."""


def installed_engine() -> EngineKind:
    """Return the engine whose extra is installed, `local` if none is, or more than one."""
    installed = [_PACKAGES[package] for package in _installed()]
    return installed[0] if len(installed) == 1 else EngineKind.LOCAL


def refuse_clashing_extras() -> None:
    """Raise `EngineError` if two extras are installed."""
    installed = _installed()
    if len(installed) > 1:
        names = " and ".join(f"{package} {installed[package]}" for package in installed)
        raise errors.extras_clash(names)


def _installed() -> dict[str, str]:
    """Return the packages that are there, with their versions."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
