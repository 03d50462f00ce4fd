"""The names of metrics: those that docs/metrics.md lists, and those that an expression has."""

import re

from tests.alerts.rules import ROOT

__all__ = ["documented", "named"]

_CATALOGUE = ROOT / "docs/metrics.md"
_METRIC = re.compile(r"\b(?:dqx_worker|process)_[a-z_]+\b|\bup\b")
_ROW = re.compile(r"^\| `((?:dqx_worker|process)_\w+)`", re.MULTILINE)
_OF_HISTOGRAMS = ("_bucket", "_sum", "_count")


def documented() -> set[str]:
    """Return the metrics of the catalogue."""
    return set(_ROW.findall(_CATALOGUE.read_text("utf-8")))


def named(expression: str) -> set[str]:
    """Return the metrics that a PromQL expression names; a series of a histogram is its histogram.

    What is in quotes is the value of a label.
    """
    found = _METRIC.findall(re.sub(r'"[^"]*"', '""', expression))
    known = documented()
    return {_histogram(name) if _histogram(name) in known else name for name in found}


def _histogram(name: str) -> str:
    for suffix in _OF_HISTOGRAMS:
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name
