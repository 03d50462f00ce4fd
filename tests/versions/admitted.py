"""What the pins of pyproject.toml admit, as the package index serves it."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.version import Version

from tests.versions.uv import ROOT, Uv, UvError

__all__ = ["NAMED", "Choice", "choices", "pinned", "pins_of"]

NAMED = ("databricks-labs-dqx", "pyspark", "databricks-sdk", "asyncpg")
"""The packages whose versions are columns of the table."""
_DQX, _SPARK = "databricks-labs-dqx", "pyspark"


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice among the versions that the pins admit."""

    name: str
    python: str
    lowest: bool = False
    exactly: str | None = None
    """A package of which a version is given; the others are the newest beside it."""


def pinned() -> dict[str, Requirement]:
    """Return the worker's requirements with local Spark, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["local"]]
    return {one.name: one for one in map(Requirement, lines)}


def choices(uv: Uv) -> Iterator[Choice]:
    """Yield the lowest of all, the highest of all, each DQX, and each minor version of Spark."""
    for python in ("3.11", "3.12"):
        yield Choice("lowest", python, lowest=True)
        yield Choice("highest", python)
    requirements = pinned()
    for version in _releases(uv, requirements[_DQX])[1:-1]:
        yield Choice(f"DQX {version}", "3.12", exactly=f"{_DQX}=={version}")
    # The newest release of each minor version, but for the last, which the highest have.
    spark = _releases(uv, requirements[_SPARK])
    newest = {Version(one).release[:2]: one for one in reversed(spark)}
    for version in list(newest.values())[:-1]:
        yield Choice(f"Spark {version}", "3.12", exactly=f"{_SPARK}=={version}")


def pins_of(uv: Uv, choice: Choice, python: str) -> dict[str, str]:
    """Return the version of each package of an environment, with what the tests need.

    The worker's own requirements keep the versions that its pins choose. DQX's reader of contracts,
    which the tests use, bounds some of them more narrowly, for a command line that no test runs.
    """
    project = ("--python", python, "--extra", "local", "pyproject.toml")
    found = uv.resolved(
        *("--resolution", "lowest-direct" if choice.lowest else "highest"),
        *project,
        constraint=filter(None, [choice.exactly]),
    )
    own = {name: found[name] for name in pinned()}
    groups = [part for name in ("sandbox", "test", "build") for part in ("--group", name)]
    kept = [f"{name}{'[datacontract]' * (name == _DQX)}=={own[name]}" for name in own]
    return uv.resolved(*project, *groups, override=kept)


def _releases(uv: Uv, requirement: Requirement) -> list[str]:
    """Return the releases that a requirement admits, the newest first."""
    found: list[str] = []
    while True:
        older = f",<{found[-1]}" if found else ""
        try:
            chosen = uv.resolved("--no-deps", requirement=[f"{requirement}{older}"])
        except UvError:
            return found
        found.append(chosen[requirement.name])
