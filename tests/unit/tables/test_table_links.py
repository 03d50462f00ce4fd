from pathlib import Path

import pytest

from tests.unit.tables.options import options, resolved
from worker.tables.errors import TableError
from worker.tables.table_types import FileFormat, FileTable


def refusal(name: str, *roots: Path) -> str:
    with pytest.raises(TableError) as caught:
        resolved(name, options(*roots, tables=("*",)))
    return str(caught.value)


def test_dots_and_links_that_stay_below_the_roots_are_followed(root: Path) -> None:
    (root / "link.csv").symlink_to(root / "a.csv")
    table = FileTable(root / "a.csv", FileFormat.CSV)

    assert resolved("parts/../a.csv", options(root)) == table
    assert resolved("link.csv", options(root)) == table
    assert resolved(f"{root}/empty/../a.csv", options(root)) == table


def test_a_root_may_be_a_link(root: Path) -> None:
    (root.parent / "link").symlink_to(root)

    assert str(resolved("a.csv", options(root.parent / "link"))) == f"{root}/a.csv"


@pytest.mark.parametrize(
    ("link", "target"),
    [
        *(("out.csv", "a.csv"), ("out", "parts"), ("parts/out.parquet", "a.parquet")),
        *(("parts/year=2024/b.parquet", "a.parquet"), ("parts/year=2025", "parts/year=2024")),
    ],
)
def test_a_link_that_leads_out_of_the_roots_is_refused(root: Path, link: str, target: str) -> None:
    (root / link).symlink_to(root.parent / "outside" / target)
    name = f"./{link}" if "/" not in link else "./parts"

    assert refusal(name, root) == f"{name} lies outside the folders of DQX_WORKER_ROOTS"


def test_a_link_out_of_the_roots_behind_a_link_inside_them_is_refused(
    root: Path, outside: Path
) -> None:
    (root / "empty" / "out.parquet").symlink_to(outside / "a.parquet")
    (root / "parts" / "year=2025").symlink_to(root / "empty")

    assert refusal("./parts", root) == "./parts lies outside the folders of DQX_WORKER_ROOTS"


def test_nothing_outside_the_roots_is_looked_into(root: Path, outside: Path) -> None:
    (root / "parts" / "year=2025").symlink_to(outside)
    (outside / "loop").symlink_to(outside / "loop")

    assert refusal("./parts", root) == "./parts lies outside the folders of DQX_WORKER_ROOTS"


@pytest.mark.parametrize("name", ["loop.csv", "x" * 300 + ".csv"])
def test_a_path_that_the_file_system_cannot_follow_is_refused(root: Path, name: str) -> None:
    (root / "loop.csv").symlink_to(root / "loop.csv")

    assert name[:100] in refusal(name, root)
