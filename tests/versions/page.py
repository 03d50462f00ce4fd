"""The page docs/figures/versions.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.versions.admitted import NAMED, Choice, pinned
from tests.versions.contract_cli import Compared
from tests.versions.suite import ON_PACKAGES, ON_POSTGRES, Outcome

__all__ = ["OnPackages", "OnPostgres", "page"]

_HEAD = """\
# Versions that were tried

    make test-versions

installs the versions below, each row in an environment of its own, runs a short suite on them and
writes this page. `python -m tests.versions --only PART` runs one part and prints its tables; the
parts are `packages`, `postgres` and `contract`.
"""


@dataclass(frozen=True, slots=True)
class OnPackages:
    """What was seen in an environment."""

    choice: Choice
    pins: Mapping[str, str]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class OnPostgres:
    """What was seen on a server."""

    version: str
    outcome: Outcome


def page(
    machine: str,
    packages: Sequence[OnPackages],
    servers: Sequence[OnPostgres],
    contract: Compared | None,
) -> str:
    """Return the page in Markdown."""
    parts = [_HEAD, machine]
    if packages:
        parts.append(_of_packages(packages))
    if servers:
        parts.append(_of_postgres(servers))
    if contract:
        parts.append(_of_contract(contract))
    return "\n".join(parts)


def _of_packages(rows: Sequence[OnPackages]) -> str:
    requirements = pinned()
    asked = ", ".join(f"`{requirements[name]}`" for name in NAMED)
    lines = [_line("versions", "Python", *NAMED, "tests", "seconds"), _rule(len(NAMED) + 4)]
    for row in rows:
        versions = [row.pins.get(name, "") for name in NAMED]
        seconds = f"{row.outcome.seconds:.0f}"
        lines.append(
            _line(row.choice.name, row.choice.python, *versions, str(row.outcome), seconds)
        )
    return f"""
## Packages

The pins are {asked}. `lowest` has the lowest release of each that its pin admits, `highest` the
highest that the package index served. Then follow, if there are any, each release of DQX between
the two, and the newest release of each earlier minor version of Spark beside the highest of all
else.

{chr(10).join(lines)}

The other requirements of the worker are at their lowest and highest, too.

{_others(rows)}

{_tests(ON_PACKAGES)}
"""


def _others(rows: Sequence[OnPackages]) -> str:
    by_name = {row.choice.name: row.pins for row in rows if row.pins}
    shown = [name for name in ("lowest", "highest") if name in by_name]
    lines = [_line("package", *shown), _rule(1 + len(shown))]
    lines += [
        _line(package, *(by_name[name].get(package, "") for name in shown))
        for package in sorted(set(pinned()) - set(NAMED))
    ]
    return "\n".join(lines)


def _of_postgres(rows: Sequence[OnPostgres]) -> str:
    lines = [_line("Postgres", "tests", "seconds"), _rule(3)]
    lines += [_line(row.version, str(row.outcome), f"{row.outcome.seconds:.0f}") for row in rows]
    return f"""
## Postgres

{chr(10).join(lines)}

{_tests(ON_POSTGRES)}
"""


def _of_contract(one: Compared) -> str:
    return f"""
## datacontract-cli

A check of every function that the worker suggests is accepted and exported by
`dqx-worker checks --format odcs`. DQX's reader of contracts and datacontract-cli {one.version}
(open-data-contract-standard {one.model}) have to read the same rules of the same schema objects,
with the same functions, columns, arguments, names, criticalities and filters.

{_line("read", "linted")}
{_rule(2)}
{_line(str(one), "; ".join(one.lint))}
"""


def _tests(names: Sequence[str]) -> str:
    return "Tests: " + ", ".join(f"`{name}`" for name in names) + "."


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _rule(columns: int) -> str:
    return "|" + "---|" * columns
