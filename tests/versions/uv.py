"""uv: the one on the PATH, else one in an environment of its own."""

import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CACHE", "ROOT", "Uv", "UvError", "interpreter"]

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".venv-versions"
"""The environments, and what their suites print."""
_TIMEOUT = 900.0


class UvError(Exception):
    """A command of uv failed; the message is what it printed last."""


@dataclass(frozen=True, slots=True)
class Uv:
    """Runs uv below the root of the repository."""

    program: str

    @classmethod
    def found(cls) -> "Uv":
        """Return uv. If there is none on the PATH, install it."""
        if program := shutil.which("uv"):
            return cls(program)
        home = CACHE / "uv"
        installed = home / "bin" / "uv"
        if not installed.exists():
            venv.create(home, with_pip=True, clear=True)
            pip = [str(home / "bin" / "python"), "-m", "pip", "--quiet", "install", "uv"]
            subprocess.run(pip, check=True, timeout=_TIMEOUT)
        return cls(str(installed))

    def run(self, *arguments: str, given: str = "") -> str:
        """Run a command and return what it prints.

        :raises UvError: the command failed
        """
        done = subprocess.run(
            [self.program, *arguments],
            cwd=ROOT,
            input=given,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        if done.returncode:
            raise UvError(" ".join(done.stderr.split())[-400:])
        return done.stdout

    def resolved(self, *arguments: str, **listed: Iterable[str]) -> dict[str, str]:
        """Return the versions that uv chooses, by package.

        `listed` are what uv reads from files: `requirement`, `constraint` and `override`.
        """
        plain = ("--quiet", "--no-annotate", "--no-header", "--no-emit-index-url")
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for kind, lines in listed.items():
                file = Path(folder, f"{kind}.txt")
                file.write_text("\n".join(lines))
                files += [str(file)] if kind == "requirement" else [f"--{kind}", str(file)]
            printed = self.run("pip", "compile", *plain, *arguments, *files).splitlines()
        pins = (line.split(";")[0].strip().partition("==") for line in printed if "==" in line)
        return {name: version for name, _, version in pins}

    def environment(self, folder: Path, python: str, pins: Iterable[str]) -> Path:
        """Return the Python of an environment that holds these packages and no others."""
        created = folder / "bin" / "python"
        self.run("venv", "--quiet", "--clear", "--no-config", "--python", python, str(folder))
        arguments = ("pip", "install", "--quiet", "--no-deps", "--python", str(created))
        self.run(*arguments, "--requirement", "-", given="\n".join(pins))
        # Where an index forbids to keep answers, each command unpacks Spark's source once more.
        self.run("cache", "prune", "--quiet")
        return created


def interpreter(version: str) -> str | None:
    """Return a Python of a version. pyenv hides those that are not chosen."""
    places: list[str | Path | None] = [
        shutil.which(f"python{version}"),
        *Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"),
        sys.executable,
    ]
    probe = f"import sys; sys.exit('%s.%s' % sys.version_info[:2] != '{version}')"
    for place in places:
        if place is None:
            continue
        ran = subprocess.run([place, "-c", probe], capture_output=True, check=False)
        if ran.returncode == 0:
            return str(place)
    return None
