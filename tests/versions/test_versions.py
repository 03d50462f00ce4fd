"""The page of versions fits the pins, and reports what each suite did."""

import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tests.versions.admitted import NAMED, Choice, pinned
from tests.versions.contract_cli import compared
from tests.versions.page import OnPackages, OnPostgres, page
from tests.versions.servers import MAJORS
from tests.versions.suite import Outcome, run_suite
from tests.versions.uv import ROOT

PASSES = Outcome(1_234, [], 61.4)
ARGUMENTS = {"column": "id"}


def check_of(function: str) -> dict[str, Any]:
    check = {"function": function, "arguments": ARGUMENTS}
    return {"check": check, "name": "n", "criticality": "error"}


def lowest(specifier: SpecifierSet) -> Version:
    (bound,) = (one.version for one in specifier if one.operator == ">=")
    return Version(bound)


def test_the_page_has_the_lowest_versions_that_the_pins_admit() -> None:
    text = (ROOT / "docs/figures/versions.md").read_text("utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| lowest |")]
    assert {row[1].strip() for row in rows} == {"3.11", "3.12"}
    requirements = pinned()
    for row in rows:
        for name, cell in zip(NAMED, row[2:6], strict=True):
            seen = Version(cell.strip())
            assert seen in requirements[name].specifier
            assert seen == lowest(requirements[name].specifier), f"run make test-versions: {name}"


def test_all_that_the_page_lists_has_passed() -> None:
    text = (ROOT / "docs/figures/versions.md").read_text("utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")]
    tests = [(row[0].strip(), row[-2].strip()) for row in rows if row[-1].strip().isdigit()]
    names = [name for name, _ in tests]
    assert [names.count(one) for one in ("lowest", "highest")] == [2, 2]
    majors = [name.partition(".")[0] for name in names if name[0].isdigit()]
    assert majors == list(map(str, MAJORS))
    assert [name for name, outcome in tests if not outcome.startswith("all ")] == []
    assert "| the same " in text


def test_the_page_has_a_row_for_each_version() -> None:
    choice = Choice("lowest", "3.11", lowest=True)
    pins = dict.fromkeys(NAMED, "1.2.3") | {"anyio": "4.5"}
    text = page(
        "Here.",
        [OnPackages(choice, pins, PASSES)],
        [OnPostgres("15.1", Outcome(7, ["test_a", "test_b"], 2.0))],
        None,
    )
    assert "| lowest | 3.11 | 1.2.3 | 1.2.3 | 1.2.3 | 1.2.3 | all 1,234 passed | 61 |" in text
    assert "| anyio | 4.5 |" in text
    assert "| 15.1 | 2 failed, 7 passed: test_a, test_b | 2 |" in text


def test_an_outcome_is_what_pytest_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.versions.suite.CACHE", tmp_path)
    file = tmp_path / "test_it.py"
    file.write_text(
        "import pytest\n"
        "def test_passes(): pass\n"
        "def test_fails(): assert False\n"
        "def test_waits(missing): pass\n"
        "@pytest.mark.skip(reason='x')\n"
        "def test_is_skipped(): pass\n"
    )
    outcome = run_suite(Path(sys.executable), [str(file)], "it")
    assert (outcome.passed, outcome.failed) == (1, ["test_fails", "test_waits"])
    assert "test_fails" in (tmp_path / "logs/it.log").read_text()


@pytest.mark.parametrize(
    ("function", "valid", "fine"),
    [("is_not_null", True, True), ("is_not_null", False, False), ("is_unique", True, False)],
)
def test_rules_are_compared_one_by_one(function: str, valid: bool, fine: bool) -> None:
    rule = {"schema": "orders", "type": "custom", "engine": "dqx"}
    said = {
        "version": "1.2.8",
        "model": "3.2.0",
        "lint": [["valid", "passed" if valid else "failed"]],
        "rules": [{**rule, "implementation": check_of(function)}],
    }
    odcs = {
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": "c",
        "name": "C",
        "version": "1",
        "status": "draft",
        "schema": [
            {
                "name": "orders",
                "logicalType": "object",
                "quality": [
                    {"type": "custom", "engine": "dqx", "implementation": check_of("is_not_null")}
                ],
            }
        ],
    }
    found = compared(said, odcs)
    assert found.fine is fine
    same = function == "is_not_null"
    assert (found.equal, found.dqx_alone, found.cli_alone) == ((1, 0, 0) if same else (0, 1, 1))
