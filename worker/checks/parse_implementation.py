"""Checks in the texts in which people and programs write them: DQX's metadata as JSON or YAML.

Any program may have written such a text. One that cannot be read stands for no check.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from worker.checks.identity import canonical, subject
from worker.checks.odcs_rules import LIBRARY_ARGUMENTS
from worker.checks.words import rule_text
from worker.counting.check import Check

__all__ = ["MAX_TEXT", "is_library", "read_checks"]

MAX_TEXT, MAX_YAML = 50_000, 10_000
"""Characters. No implementation that people wrote is longer, and reading YAML takes its time."""
_LIBRARY = "library metric"
"""In the place of a function, of what holds the arguments of a metric of ODCS's library."""


def read_checks(
    text: str, allows_yaml: Callable[[int], bool] = lambda _size: True
) -> Sequence[Check] | None:
    """Return the checks in an implementation; None if it is YAML that may not be read.

    The arguments of a metric of ODCS's library are a check of which `is_library` is true.
    `allows_yaml` is called with the length of a text that is no JSON.
    """
    if len(text) > MAX_TEXT:
        return ()
    try:
        read = json.loads(text)
    except ValueError:
        if len(text) > MAX_YAML:
            return ()
        if not allows_yaml(len(text)):
            return None
        read = _read_yaml(text)
    except RecursionError:
        return ()
    entries = read if isinstance(read, list) else [read]
    return [check for entry in entries for check in _of_mapping(entry)]


def is_library(check: Check) -> bool:
    """Return whether what was read is no check, but holds the arguments of a library's metric."""
    return check.function == _LIBRARY


def _read_yaml(text: str) -> Any:
    try:
        return yaml.load(text, _PlainLoader)  # noqa: S506 - a safe loader
    # Any text may be there: YAML raises errors of its own and of Python.
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError):
        return None


class _PlainLoader(yaml.SafeLoader):
    """Reads dates as the texts that DQX takes.

    Refuses references: a few lines of them mean more than fits into memory.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("a reference")
        return super().compose_node(parent, index)


_PlainLoader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _of_mapping(entry: Any) -> list[Check]:
    if not isinstance(entry, Mapping):
        return []
    check = entry.get("check")
    inner = check if isinstance(check, Mapping) else entry
    function, arguments = inner.get("function"), inner.get("arguments") or {}
    if function is None and (values := _of_metric(entry, arguments)):
        return [Check(_LIBRARY, values, _LIBRARY, "error")]
    if not isinstance(function, str) or not isinstance(arguments, Mapping):
        return []
    arguments = {str(name): value for name, value in arguments.items()}
    each = inner.get("for_each_column")
    filter_, criticality = entry.get("filter"), entry.get("criticality")
    metadata = entry.get("user_metadata")

    def made(given: Mapping[str, Any]) -> Check:
        return Check(
            function,
            dict(given),
            str(entry.get("name") or function),
            str(criticality or "error"),
            filter_ if isinstance(filter_, str) else None,
            dict(metadata) if isinstance(metadata, Mapping) else {},
        )

    if not isinstance(each, Sequence) or isinstance(each, str):
        return _readable(made(arguments))
    return [
        check
        for column in each
        for check in _readable(
            made(arguments | {"column" if isinstance(column, str) else "columns": column})
        )
    ]


def _of_metric(entry: Mapping[Any, Any], arguments: Any) -> dict[str, Any]:
    """Return the arguments of a metric, which older versions of ODCS have beside it."""
    given = {**entry, **arguments} if isinstance(arguments, Mapping) else entry
    return {name: given[name] for name in LIBRARY_ARGUMENTS if name in given}


def _readable(check: Check) -> list[Check]:
    try:
        canonical(check), subject(check), rule_text(check)
    # Columns or values of no type that a check takes, or nested without end.
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError):
        return []
    return [check]
