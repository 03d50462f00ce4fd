"""What holds for the repository as a whole."""

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from tests.support import error_pages, failed_runs, options_table
from worker.telemetry.cures import cure_of

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {
    ".ci",
    ".editorconfig",
    ".github",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "deploy",
    "docs",
    "pyproject.toml",
    "tests",
    "worker",
}


def _files() -> Iterator[Path]:
    """Return the files of the repository, without those that .gitignore names."""
    ignored = [
        line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    ] + [".git"]
    folders = [ROOT]
    while folders:
        for path in folders.pop().iterdir():
            if any(fnmatch(path.name, pattern) for pattern in ignored):
                continue
            if path.is_dir():
                folders.append(path)
            else:
                yield path


def test_the_top_level_holds_what_it_should_and_nothing_else() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in _files()} == TOP_LEVEL


def test_the_package_holds_code_and_what_it_reads_alone() -> None:
    kinds = {path.suffix or path.name for path in _files() if path.is_relative_to(ROOT / "worker")}
    assert kinds == {".py", ".sql", ".md", ".typed"}


def test_no_merge_is_left_half_done() -> None:
    marker = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    assert [path for path in _files() if marker.search(path.read_text("utf-8", "replace"))] == []


def test_no_file_names_an_index_or_the_address_of_a_package() -> None:
    pattern = re.compile(r"--(extra-)?index-url|--find-links|https?://\S+\.(whl|tar\.gz)")
    hits = [
        path
        for path in _files()
        if path != Path(__file__) and pattern.search(path.read_text("utf-8", "replace"))
    ]
    assert hits == []


def test_every_pinned_requirement_has_a_hash() -> None:
    lines = (ROOT / "deploy/requirements/dev.txt").read_text("utf-8").splitlines()
    pinned = [number for number, line in enumerate(lines) if re.match(r"[a-z0-9]", line)]
    assert len(pinned) > 50
    assert all("==" in lines[number] and "--hash" in lines[number + 1] for number in pinned)


def test_every_dependency_is_bounded_on_both_sides() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    requirements = [
        *project["project"]["dependencies"],
        *(one for extra in project["project"]["optional-dependencies"].values() for one in extra),
        *(
            one
            for group in project["dependency-groups"].values()
            for one in group
            if isinstance(one, str)
        ),
    ]
    unbounded = [one for one in requirements if "==" not in one and not re.search(r">=.+,<", one)]
    assert unbounded == []


def test_the_page_of_errors_is_what_the_code_says() -> None:
    assert (ROOT / "docs/errors.md").read_text("utf-8") == error_pages.page()


def test_the_page_of_failed_runs_lists_every_message_that_can_end_one() -> None:
    assert failed_runs.without_group() == []
    assert (ROOT / "docs/failed-runs.md").read_text("utf-8") == failed_runs.page()


def test_every_message_says_its_cause_and_its_cure_and_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "worker").rglob("*.py"))
    for _, module in error_pages._ROOMS:
        for message in error_pages.messages(module):
            assert (message.__doc__ or "").strip(), message
            assert cure_of(message), message
            assert len(re.findall(rf"\b{message.__name__}\b", code)) > 1, message


def test_errors_are_made_beside_their_types_alone() -> None:
    """So that docs/errors.md can list them all."""
    types = "TableError|EngineError|RequestRefused|ConfigurationError|SchemaVersionError"
    elsewhere = [
        path.relative_to(ROOT)
        for path in (ROOT / "worker").rglob("*.py")
        if "errors" not in (path.stem.rpartition("_")[2], path.parent.name)
        and re.search(rf"\b({types}|UnknownContract)\(\s*f?\"[^\"]{{4}}", path.read_text("utf-8"))
    ]
    assert elsewhere == []


def test_the_docs_list_every_option_of_the_profiler() -> None:
    lines = (ROOT / "docs/backend.md").read_text("utf-8").splitlines()
    assert [row for row in options_table.rows() if row not in lines] == []
