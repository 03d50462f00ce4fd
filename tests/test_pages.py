"""The pages that people read: their size, their links, and what is generated in them."""

import re
from pathlib import Path

import pytest

from tests.support import links, prose, settings_table

ROOT = Path(__file__).parents[1]
_README_LINES = 120


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= _README_LINES


def test_the_index_lists_every_page() -> None:
    docs = ROOT / "docs"
    index = (docs / "index.md").read_text("utf-8")
    pages = [page.relative_to(docs) for page in docs.rglob("*.md") if page.name != "index.md"]
    listed = [*(one for one in pages if one.parts[0] != "decisions"), "decisions/README.md"]
    assert [str(one) for one in listed if f"({one})" not in index] == []


def test_the_list_of_decisions_is_complete() -> None:
    folder = ROOT / "docs/decisions"
    listed = (folder / "README.md").read_text("utf-8")
    pages = [page.name for page in folder.glob("*.md") if page.name != "README.md"]
    assert len(pages) >= 5
    assert [name for name in pages if f"({name})" not in listed] == []


def test_contributors_find_every_folder() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rooms = {path.parent.name for path in (ROOT / "worker").glob("*/__init__.py")}
    assert set(re.findall(r"^\| `worker/(\w+)/` \|", page, re.MULTILINE)) == rooms


def test_every_setting_has_a_row_below_its_subject() -> None:
    assert settings_table.ungrouped() == set()
    page = settings_table.PAGE.read_text("utf-8")
    assert settings_table.tables() in page
    assert settings_table.with_tables(page) == page


def test_every_relative_link_leads_somewhere() -> None:
    assert links.broken({page: page.read_text("utf-8") for page in links.pages()}) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page, other = tmp_path / "page.md", tmp_path / "other.md"
    texts = {
        page: "[a](other.md) [b](other.md#the-first-one) [c](#own) [d](https://example.org/x)\n"
        "# Own\n```\n[in code](gone.md)\n```\n`[also](gone.md)`\n"
        "[e](gone.md) [f](other.md#gone) [g](#gone)\n",
        other: "# The `first` one\n",
    }
    for path, text in texts.items():
        path.write_text(text)
    assert links.broken(texts) == [
        f"page.md:7: {target}" for target in ("gone.md", "other.md#gone", "#gone")
    ]


def test_anchors_are_those_of_github() -> None:
    text = (
        "# What `job` promises: a, b\n## Twice\n## Twice\n### snake_case & more\n"
        "```\n# no heading\n```\n"
    )
    assert links.anchors(text) == [
        "what-job-promises-a-b",
        "twice",
        "twice-1",
        "snake_case--more",
    ]


def test_no_text_has_an_idiom_that_was_given_up() -> None:
    assert prose.found() == []


def test_an_idiom_is_found_in_pages_and_in_strings_alone() -> None:
    page = "Ask whoever is there.\n```\nwhoever\n```\n`whoever` is code.\n"
    code = (
        '"""Returns whoever asked."""\n# whoever\nwhoever = "in vain"\n'
        'print("ask whoever is there")\n'
    )
    assert [line for line, _ in prose.in_page(page)] == [1]
    assert [line for line, _ in prose.in_code(code)] == [1, 4]


def test_every_idiom_has_a_better_wording() -> None:
    assert all(better for better in prose.IDIOMS.values())


@pytest.mark.filterwarnings("ignore:'click.utils:DeprecationWarning")
def test_every_command_and_exit_code_has_a_row() -> None:
    from worker.cli.exit_codes import ExitCode
    from worker.cli.main import app

    page = (ROOT / "docs/operating.md").read_text("utf-8")
    commands = re.findall(r"^\| `dqx-worker (\w+)[` ]", page, re.MULTILINE)
    assert sorted(commands) == sorted(str(one.name) for one in app.registered_commands)
    rows = re.findall(r"^\| (\d+(?:, \d+)*) \|", page, re.MULTILINE)
    codes = {int(code) for row in rows for code in row.split(", ")}
    assert codes == {*ExitCode, 1, 130, 143}
