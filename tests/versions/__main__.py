"""`python -m tests.versions`: prints docs/figures/versions.md, and writes it if no part is chosen.

Exits with 1 if a version that the pins admit does not pass.
"""

import argparse
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import anyio

from tests.versions.admitted import Choice, choices, pins_of
from tests.versions.contract_cli import compare
from tests.versions.page import OnPackages, OnPostgres, page
from tests.versions.servers import MAJORS, binaries_of, version_of
from tests.versions.suite import ON_PACKAGES, ON_POSTGRES, Outcome, run_suite
from tests.versions.uv import CACHE, ROOT, Uv, UvError, interpreter
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs

_PAGE = ROOT / "docs/figures/versions.md"
_PARTS = ("packages", "postgres", "contract")


def main() -> int:
    """Run the parts, print the page, and return the exit code."""
    arguments = _arguments()
    chosen = arguments.only or _PARTS
    uv = Uv.found()
    packages = [_on_packages(uv, one) for one in choices(uv)] if "packages" in chosen else []
    servers = [_on_postgres(uv, one) for one in MAJORS] if "postgres" in chosen else []
    contract = anyio.run(compare, uv) if "contract" in chosen else None
    machine = f"Seen on {platform.system()} {platform.machine()}, {datetime.now(UTC):%Y-%m-%d}."
    text = page(machine, packages, servers, contract)
    print(text, end="")
    if not arguments.only:
        _PAGE.write_text(text, "utf-8")
    outcomes = [*(one.outcome for one in packages), *(one.outcome for one in servers)]
    failed = any(one.failed for one in outcomes)
    return int(failed or (contract is not None and not contract.fine))


def _on_packages(uv: Uv, choice: Choice) -> OnPackages:
    label = f"{choice.name}-{choice.python}".replace(" ", "-")
    python = interpreter(choice.python)
    if python is None:
        return OnPackages(choice, {}, _not_run(label, f"no Python {choice.python} was found"))
    try:
        pins = pins_of(uv, choice, python)
        lines = [*(f"{name}=={version}" for name, version in pins.items()), f"--editable {ROOT}"]
        installed = uv.environment(CACHE / label, python, lines)
    except UvError as error:
        return OnPackages(choice, {}, _not_run(label, f"uv: {error}"))
    return OnPackages(choice, pins, _told(label, run_suite(installed, ON_PACKAGES, label)))


def _on_postgres(uv: Uv, major: int) -> OnPostgres:
    label = f"postgres-{major}"
    try:
        binaries = binaries_of(uv, major)
    except UvError as error:
        return OnPostgres(str(major), _not_run(label, f"uv: {error}"))
    environment = {"SANDBOX_POSTGRES": str(binaries)}
    outcome = run_suite(Path(sys.executable), ON_POSTGRES, label, environment)
    return OnPostgres(version_of(binaries), _told(label, outcome))


def _not_run(label: str, why: str) -> Outcome:
    return _told(label, Outcome(0, [why], 0))


def _told(label: str, outcome: Outcome) -> Outcome:
    print(f"{label}: {outcome} in {outcome.seconds:.0f} s", file=sys.stderr, flush=True)
    return outcome


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.versions", description=__doc__)
    parser.add_argument("--only", action="append", choices=_PARTS, help="a part; may be repeated")
    return parser.parse_args()


if __name__ == "__main__":
    configure_logs(LogFormat.JSON, level=LogLevel.ERROR)
    sys.exit(main())
