from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.tables.options import options, resolved
from worker.tables.errors import TableError
from worker.tables.table_types import FileFormat, FileTable


def refusal(name: str, *roots: Path) -> str:
    with pytest.raises(TableError) as caught:
        resolved(name, options(*roots, tables=("*",)))
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
    for given in (name, f"  {root}/{name} "):
        found = resolved(given, options(root, tables=()))
        assert isinstance(found, FileTable)
        assert (found.path, found.format) == (root / name, format_)


def test_roots_are_searched_in_their_order(root: Path, outside: Path) -> None:
    (outside / "other.csv").touch()
    assert str(resolved("a.csv", options(outside, root))) == str(outside / "a.csv")
    assert str(resolved("other.csv", options(root, outside))) == str(outside / "other.csv")


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
    ("name", "message"),
    [
        ("missing.csv", "file missing.csv was not found"),
        ("{root}/missing.parquet", "file {root}/missing.parquet was not found"),
        ("a.csv/b.csv", "file a.csv/b.csv was not found"),
        ("./empty", "folder ./empty holds no parquet or CSV files"),
        *(
            (f"./{n}", f"file ./{n} is neither parquet (.parquet) nor CSV (.csv)")
            for n in ("a.json", "noext")
        ),
    ],
)
def test_what_cannot_be_read_is_reported_by_its_name(root: Path, name: str, message: str) -> None:
    assert refusal(name.format(root=root), root) == message.format(root=root)


@pytest.mark.parametrize("name", ["a.csv", "/etc/passwd", "../a.parquet"])
def test_without_roots_every_path_is_refused(name: str) -> None:
    reported = "is a path, and no folder is open to the worker: set DQX_WORKER_ROOTS"
    assert refusal(name) == f"{name} {reported}"


def test_a_path_is_for_the_local_engine_alone(root: Path) -> None:
    elsewhere = replace(options(root), files=False)
    with pytest.raises(TableError, match=r"a\.csv is a path: only the local engine reads files"):
        resolved(f"{root}/a.csv", elsewhere)
