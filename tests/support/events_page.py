"""docs/events.md as data, and what a log line has that the page does not admit."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["COMMON", "PAGE", "Described", "described_events", "log_lines", "wrong_lines"]

PAGE = Path(__file__).parents[2] / "docs" / "events.md"

COMMON = frozenset({"timestamp", "level", "logger", "event", "worker"})
_OF_RUNS = frozenset({"run", "contract", "attempt", "triggered_by"})
_OF_TABLES = _OF_RUNS | {"schema"}
_SECTIONS = {"Runs": _OF_RUNS, "Tables": _OF_TABLES}

_ROW = re.compile(r"\| `([a-z_.]+)` \| ([^|]*) \| [^|]* \|([^|]*)\|")
_FIELD = re.compile(r"`([a-z_]+)`")
_LEVEL = re.compile(r"\b(debug|info|warning|error)\b")
_IN_BRACKETS = re.compile(r"\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Described:
    """What the page has about one event."""

    levels: frozenset[str]
    fields: frozenset[str]
    """Those of its row, without the ones that may be missing."""
    optional: frozenset[str]
    of_section: frozenset[str]
    """Those that every line of its section has."""


@cache
def _of_any_line() -> frozenset[str]:
    """Return the fields that the beginning of the page names: any line may have them."""
    return frozenset(_FIELD.findall(PAGE.read_text("utf-8").partition("\n## ")[0]))


@cache
def described_events() -> Mapping[str, Described]:
    """Return the events of the page, in its order."""
    found: dict[str, Described] = {}
    of_section: frozenset[str] = frozenset()
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            of_section = _SECTIONS.get(line.removeprefix("## "), frozenset())
        if (row := _ROW.fullmatch(line)) is None:
            continue
        name, levels, fields = row.groups()
        always, _, maybe = _IN_BRACKETS.sub("", fields).partition("; optional:")
        for part in (always, maybe):
            rest = _FIELD.sub("", part).strip(", ")
            assert not rest, f"{name}: {rest!r} is no field"
        assert name not in found, f"{name} has two rows"
        found[name] = Described(
            frozenset(_LEVEL.findall(levels)),
            frozenset(_FIELD.findall(always)),
            frozenset(_FIELD.findall(maybe)),
            of_section,
        )
    return found


def log_lines(log: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of a log that are JSON objects.

    A killed process may leave half a line, and a JVM writes text of its own.
    """
    if not log.exists():
        return
    for line in log.read_text("utf-8", "replace").splitlines():
        try:
            parsed = json.loads(line)
        except ValueError:
            continue
        if isinstance(parsed, dict):
            yield parsed


def wrong_lines(log: Path) -> Iterator[str]:
    """Yield a sentence for each difference between a worker's log and the page."""
    for line in log_lines(log):
        if line.get("logger", "").startswith("worker."):
            yield from _wrong(line)


def _wrong(line: Mapping[str, Any]) -> Iterator[str]:
    name = line.get("event")
    described = described_events().get(str(name))
    if described is None:
        yield f"{name} is not on the page"
        return
    promised = COMMON | described.of_section | described.fields
    admitted = promised | described.optional | _OF_TABLES | _of_any_line()
    if missing := sorted(promised - line.keys()):
        yield f"{name} lacks {', '.join(missing)}"
    if unknown := sorted(line.keys() - admitted):
        yield f"{name} has {', '.join(unknown)}, which the page does not describe"
    if line.get("level") not in described.levels:
        yield f"{name} has the level {line.get('level')}"
