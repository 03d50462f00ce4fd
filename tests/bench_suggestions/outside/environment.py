"""Runs what needs packages of the bench's own environment, in that environment."""

import subprocess
from pathlib import Path

__all__ = ["PYTHON", "run_outside"]

_ROOT = Path(__file__).parents[3]
PYTHON = _ROOT / ".venv-bench/bin/python"
_TIMEOUT = 300.0


def run_outside(script: str, *arguments: str | Path) -> None:
    """Run a script of this folder. Raises `SystemExit` if there is no such environment."""
    if not PYTHON.exists():
        raise SystemExit("There is no .venv-bench. Run: make .venv-bench/installed")
    # Without -P the modules beside the script would come before packages of the same name.
    command = [
        str(PYTHON),
        "-P",
        str(Path(__file__).with_name(f"{script}.py")),
        *map(str, arguments),
    ]
    subprocess.run(command, check=True, timeout=_TIMEOUT)
