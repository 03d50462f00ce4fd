from pathlib import Path

import pytest

from tests.unit.profiling.options import options
from worker.profiling.errors import TableError
from worker.profiling.table import FileFormat, FileTable, resolve_table


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a sibling, `outside`, that holds the same files."""
    for folder in (tmp_path / "root", tmp_path / "outside"):
        (folder / "parts" / "year=2024").mkdir(parents=True)
        (folder / "parts" / "year=2024" / "part-0.parquet").touch()
        (folder / "empty").mkdir()
        for name in ("a.csv", "a.csv.gz", "B.CSV", "a.parquet", "a b [1].csv", "a.json", "noext"):
            (folder / name).touch()
    return tmp_path / "root"


@pytest.fixture
def outside(root: Path) -> Path:
    return root.parent / "outside"


def refusal(name: str, *roots: Path) -> str:
    with pytest.raises(TableError) as caught:
        resolve_table(name, options(*roots, tables=("*",)))
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        *((name, FileFormat("csv")) for name in ("a.csv", "a.csv.gz", "B.CSV", "a b [1].csv")),
        *((name, FileFormat("parquet")) for name in ("a.parquet", "parts/", "parts/year=2024")),
    ],
)
def test_a_file_below_a_root_is_found_by_its_whole_path_and_by_its_path_from_the_root(
    root: Path, name: str, format_: FileFormat
) -> None:
    table = FileTable(root / name, format_)

    assert resolve_table(name, options(root)) == table
    assert resolve_table(f"  {root}/{name} ", options(root, tables=())) == table


def test_dots_and_links_that_stay_below_the_roots_are_followed(root: Path) -> None:
    (root / "link.csv").symlink_to(root / "a.csv")
    table = FileTable(root / "a.csv", FileFormat.CSV)

    assert resolve_table("parts/../a.csv", options(root)) == table
    assert resolve_table("link.csv", options(root)) == table
    assert resolve_table(f"{root}/empty/../a.csv", options(root)) == table


def test_a_root_may_be_a_link(root: Path) -> None:
    (root.parent / "link").symlink_to(root)

    assert str(resolve_table("a.csv", options(root.parent / "link"))) == f"{root}/a.csv"


def test_roots_are_searched_in_their_order(root: Path, outside: Path) -> None:
    (outside / "other.csv").touch()
    assert str(resolve_table("a.csv", options(outside, root))) == str(outside / "a.csv")
    assert str(resolve_table("other.csv", options(root, outside))) == str(outside / "other.csv")


@pytest.mark.parametrize(
    "name",
    [
        *("s3://bucket/a.csv", "file:/etc/passwd", "file:///etc/passwd", "FILE:a.csv", "hdfs:x"),
        *("abfss://c@a.dfs.core.windows.net/x", "http://host/a.csv", "jdbc:postgresql://h/d"),
        "C:\\data\\a.csv",
    ],
)
def test_a_url_is_refused(root: Path, name: str) -> None:
    assert refusal(name, root, Path("/")).startswith(f"{name} is a URL: only tables")


@pytest.mark.parametrize(
    "name",
    [
        *("/etc/passwd", "/etc/hostname.csv", "//etc/passwd", "/", "/no/such.csv"),
        *("../outside/a.csv", "parts/../../outside/a.csv", "../root2/a.csv", "./.."),
        *("{outside}/a.csv", "{outside}/missing.csv", "{root}/../outside/a.csv", "{root}2/a.csv"),
    ],
)
def test_a_path_outside_the_roots_is_refused_whether_or_not_it_exists(
    root: Path, outside: Path, name: str
) -> None:
    path = name.format(root=root, outside=outside)

    assert refusal(path, root) == f"{path} lies outside the folders of DQX_WORKER_ROOTS"


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("out.csv", "outside/a.csv"),
        ("out", "outside/parts"),
        ("parts/out.parquet", "outside/a.parquet"),
        ("parts/year=2024/out.parquet", "outside/a.parquet"),
        ("parts/year=2025", "outside/parts/year=2024"),
    ],
)
def test_a_link_that_leads_out_of_the_roots_is_refused(root: Path, link: str, target: str) -> None:
    (root / link).symlink_to(root.parent / target)
    name = f"./{link}" if "/" not in link else "./parts"

    assert refusal(name, root) == f"{name} lies outside the folders of DQX_WORKER_ROOTS"


def test_a_link_out_of_the_roots_behind_a_link_inside_them_is_refused(
    root: Path, outside: Path
) -> None:
    (root / "empty" / "out.parquet").symlink_to(outside / "a.parquet")
    (root / "parts" / "year=2025").symlink_to(root / "empty")

    assert refusal("./parts", root) == "./parts lies outside the folders of DQX_WORKER_ROOTS"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.csv", "file missing.csv was not found"),
        ("{root}/missing.parquet", "file {root}/missing.parquet was not found"),
        ("a.csv/b.csv", "file a.csv/b.csv was not found"),
        ("./empty", "folder ./empty holds no parquet file"),
        ("./a.json", "file ./a.json is neither parquet (.parquet) nor CSV (.csv)"),
        ("./noext", "file ./noext is neither parquet (.parquet) nor CSV (.csv)"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_name(root: Path, name: str, message: str) -> None:
    assert refusal(name.format(root=root), root) == message.format(root=root)


@pytest.mark.parametrize("name", ["a.csv", "/etc/passwd", "../a.parquet"])
def test_without_roots_every_path_is_refused(name: str) -> None:
    told = "is a path, and no folder is open to the worker: set DQX_WORKER_ROOTS"
    assert refusal(name) == f"{name} {told}"


@pytest.mark.parametrize("name", ["loop.csv", "x" * 300 + ".csv"])
def test_a_path_that_the_file_system_cannot_follow_is_refused(root: Path, name: str) -> None:
    (root / "loop.csv").symlink_to(root / "loop.csv")

    assert name[:100] in refusal(name, root)
