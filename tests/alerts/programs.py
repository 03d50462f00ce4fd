"""`python -m tests.alerts.programs FOLDER`: has prometheus and promtool there, or on the PATH.

Debian's package is downloaded and unpacked into the folder; nothing is installed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.alerts.rules import ROOT

__all__ = ["NoPrometheus", "find_program"]

FOLDER = ROOT / ".prometheus"
"""Where `make test-alerts` unpacks the package."""


class NoPrometheus(Exception):
    """There is no Prometheus, and none can be fetched here."""


def find_program(name: str) -> Path:
    """Return `prometheus` or `promtool`: the one on the PATH, else the one that was unpacked."""
    if found := shutil.which(name):
        return Path(found)
    unpacked = FOLDER / "usr/bin" / name
    if not unpacked.exists():
        raise NoPrometheus(f"{name} is neither on the PATH nor in {unpacked.parent}")
    return unpacked


def unpack(folder: Path) -> None:
    """Download Debian's package and unpack it into `folder`. Raises `NoPrometheus`."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise NoPrometheus("this system has no apt-get: put prometheus and promtool on the PATH")
    folder.mkdir(exist_ok=True)
    _run(folder, "apt-get", "--quiet=2", "download", "prometheus")
    for package in folder.glob("prometheus_*.deb"):
        _run(folder, "dpkg", "--extract", str(package), str(folder))
        package.unlink()


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoPrometheus(
            f"{' '.join(command)} failed: {done.stderr.strip()}"
            "\nPut prometheus and promtool on the PATH, for instance from the package prometheus."
        )


def main() -> int:
    """Fetch what is missing; return 1 if that is impossible."""
    try:
        if not all(shutil.which(name) for name in ("prometheus", "promtool")):
            unpack(FOLDER)
        for name in ("prometheus", "promtool"):
            find_program(name)
    except NoPrometheus as error:
        print(f"No Prometheus: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
