"""The alert rules of deploy/observability, whole and shortened."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

__all__ = ["FOLDER", "ROOT", "RULES", "Rule", "expressions", "read_rules", "shortened"]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/observability"
RULES = FOLDER / "alerts.yaml"

_UNITS = {"s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(\d+)([smh])")
_RANGE = re.compile(r"\[(\d+[mh])\]")
_MINUTES = re.compile(r"\* 60\b")


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert."""

    alert: str
    expression: str
    lasts: timedelta
    severity: str
    annotations: dict[str, str]


def read_rules(path: Path = RULES) -> list[Rule]:
    """Return the alerts of a file."""
    return [
        Rule(
            alert=rule["alert"],
            expression=rule["expr"],
            lasts=timedelta(seconds=_seconds(rule.get("for", "0s"))),
            severity=rule["labels"]["severity"],
            annotations=rule["annotations"],
        )
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
        for rule in group["rules"]
    ]


def shortened(factor: int, path: Path = RULES) -> dict[str, Any]:
    """Return the content of a file of rules, with what is in minutes or hours divided by `factor`.

    That is what an alert lasts, the ranges of its expression, and its thresholds.
    """
    content: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    for group in content["groups"]:
        for rule in group["rules"]:
            if not rule.get("for", "0s").endswith("s"):
                rule["for"] = _divided(rule["for"], factor)
            ranges = _RANGE.sub(lambda one: f"[{_divided(one[1], factor)}]", rule["expr"])
            rule["expr"] = _MINUTES.sub(f"* {60 // factor}", ranges)
    return content


def _divided(duration: str, factor: int) -> str:
    return f"{_seconds(duration) * 1000 // factor}ms"


def _seconds(duration: str) -> int:
    match = _DURATION.fullmatch(duration)
    assert match, f"no duration: {duration}"
    return int(match[1]) * _UNITS[match[2]]


def expressions(node: Any) -> list[str]:
    """Return every PromQL expression of a dashboard, in its order."""
    if isinstance(node, list):
        return [found for one in node for found in expressions(one)]
    if not isinstance(node, dict):
        return []
    own = [node["expr"]] if "expr" in node else []
    return own + [found for one in node.values() for found in expressions(one)]
