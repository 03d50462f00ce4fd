"""Has promtool parse the rules, whole and shortened, and every expression of the dashboards."""

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.alerts.programs import find_program
from tests.alerts.rules import FOLDER, RULES, expressions, shortened

__all__ = ["refused"]

_VARIABLES = {"$__rate_interval": "5m", "$job": "dqx-worker", "$instance": ".*"}


def refused(folder: Path, factor: int) -> str:
    """Return what promtool says of what it does not accept; nothing if it accepts all."""
    short, dashboards = folder / "short.yaml", folder / "dashboards.yaml"
    short.write_text(yaml.safe_dump(shortened(factor)))
    dashboards.write_text(yaml.safe_dump(_as_rules()))
    done = subprocess.run(
        [find_program("promtool"), "check", "rules", RULES, short, dashboards],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _as_rules() -> dict[str, Any]:
    """Return the expressions of the dashboards as recording rules."""
    found = [
        expression
        for path in sorted(FOLDER.glob("*.json"))
        for expression in expressions(json.loads(path.read_text("utf-8")))
    ]
    rules = [
        {"record": f"panel:{number}", "expr": _filled_in(expression)}
        for number, expression in enumerate(found)
    ]
    return {"groups": [{"name": "dashboards", "rules": rules}]}


def _filled_in(expression: str) -> str:
    for variable, value in _VARIABLES.items():
        expression = expression.replace(variable, value)
    return expression
