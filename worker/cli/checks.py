"""`dqx-worker checks`: what people accepted, as a file that DQX takes as it is."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer
import yaml

from worker.backend.contracts.load import load_header, load_physical_names
from worker.backend.suggestions.read import read_of_contract
from worker.checks.implementation import as_metadata
from worker.checks.words import rule_text
from worker.cli import errors
from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.display.output import json_text, print_line
from worker.settings import Settings
from worker.suggestions.odcs_export import Exported, as_odcs, suggested_checks
from worker.telemetry.text import HIDDEN, NAME_LIMIT, bounded, escaped_json

__all__ = ["checks_command"]


class Status(StrEnum):
    """Of which suggestions; the backend's words."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    ALL = "all"


class Format(StrEnum):
    """Of the file."""

    YAML = "yaml"
    JSON = "json"
    ODCS = "odcs"


_STATUSES: Mapping[Status, Sequence[str]] = {
    Status.ACCEPTED: ("accepted",),
    Status.PENDING: ("pending",),
    Status.ALL: ("accepted", "pending"),
}


def checks_command(
    context: typer.Context,
    contract: Annotated[str, typer.Argument(help="A contract's id.")],
    schema: Annotated[
        str | None, typer.Option("--schema", help="A schema's name; without it, all of them.")
    ] = None,
    status: Annotated[
        Status, typer.Option("--status", help="Of which suggestions; all: but the rejected.")
    ] = Status.ACCEPTED,
    form: Annotated[
        Format,
        typer.Option("--format", help="DQX's checks of one table, or an ODCS contract of all."),
    ] = Format.YAML,
) -> None:
    """Print the checks of a contract's suggestions, for DQX."""

    async def command(settings: Settings) -> int:
        async with open_database(settings) as database:
            header = await load_header(database, contract)
            if header is None:
                return _refused(errors.no_contract(contract))
            physical_names = await load_physical_names(database, contract)
            rows = await read_of_contract(database, contract, _STATUSES[status])
        if schema is not None and schema not in physical_names.keys() | rows.keys():
            return _refused(errors.no_schema(contract, schema))
        chosen = {
            name: suggested_checks(of_schema)
            for name, of_schema in rows.items()
            if schema is None or name == schema
        }
        if form is not Format.ODCS and len(chosen) > 1:
            return _refused(errors.one_schema_only(", ".join(sorted(chosen))))
        written = [one for checks in chosen.values() for one in checks]
        _warn_of_changes(written)
        if form is Format.ODCS:
            tables = {name: (physical_names.get(name), checks) for name, checks in chosen.items()}
            print(_yaml(as_odcs(header, tables)), end="")
            return ExitCode.SUCCESS
        metadata = [as_metadata(one.check) for one in written]
        print(_json(metadata) if form is Format.JSON else _yaml(metadata), end="")
        return ExitCode.SUCCESS

    invoke(context, command)


def _warn_of_changes(exported: Sequence[Exported]) -> None:
    """Print a line for each change of a suggestion that the file does not repeat."""
    for one in exported:
        suggestion = one.suggestion.id
        if (severity := one.unknown_severity) is not None:
            severity = bounded(severity, NAME_LIMIT)
            _warn(errors.severity_unknown(suggestion, severity, one.check.criticality))
        if (rule := one.other_rule) is not None:
            rule = bounded(rule, NAME_LIMIT)
            _warn(errors.rule_changed(suggestion, rule, rule_text(one.check)))


def _warn(message: str) -> None:
    print_line(f"dqx-worker: {message}", error=True)


def _refused(message: str) -> int:
    print_line(f"dqx-worker: {message}", error=True)
    return ExitCode.USAGE


def _json(value: Any) -> str:
    return json_text(value, indent=2) + "\n"


def _yaml(value: Any) -> str:
    text: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    # Between double quotes YAML has JSON's escapes.
    return escaped_json(text)


class _Dumper(yaml.SafeDumper):
    """Puts a text with control characters into double quotes.

    PyYAML would write some of them as they are, and read U+0085 back as a space.
    """


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = '"' if HIDDEN.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)
