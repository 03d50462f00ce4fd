"""The look for a path's files is bounded, can be stopped, and meets nothing that is no file."""

import errno
import os
import socket
import threading
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.hanging import hanging_folder
from tests.unit.tables.options import options, resolved
from worker.tables.csv_files.readable import readable
from worker.tables.errors import TableError, TableUnavailable
from worker.tables.resolve_name import resolve_table
from worker.tables.table_types import FileFormat, FileTable


def refusal(name: str, root: Path, most: int = 100) -> str:
    with pytest.raises(TableError) as caught:
        resolved(name, replace(options(root), max_files=most))
    return str(caught.value)


@pytest.mark.parametrize(
    "name", ["./.", "{root}", "{root}/", "parts/..", "{root}/parts/../.", "./link"]
)
def test_a_whole_root_is_no_table(root: Path, name: str) -> None:
    (root / "link").symlink_to(root)
    path = name.format(root=root)

    assert refusal(path, root) == (
        f"{path} is a whole folder of DQX_WORKER_ROOTS: name a file or a folder in it"
    )


def test_a_folder_of_more_entries_than_the_limit_is_refused(root: Path) -> None:
    # The folder `year=2024` and the file in it.
    assert str(resolved("./parts", replace(options(root), max_files=2))) == f"{root}/parts"
    assert refusal("./parts", root, 1) == (
        "folder ./parts holds more than 1 files and folders (DQX_WORKER_MAX_FILES)"
    )


def test_a_refused_folder_is_not_walked_to_its_end_and_its_names_are_not_kept(root: Path) -> None:
    many = root / "many"
    many.mkdir()
    for number in range(5_000):
        (many / f"{number:0200}.parquet").touch()
    tracemalloc.start()
    try:
        assert "more than 10 files" in refusal("./many", root, 10)
        few = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The names alone are a megabyte.
    assert few < 300_000


def test_folders_that_link_to_one_another_are_walked_once(root: Path) -> None:
    (root / "parts" / "again").symlink_to(root / "parts")
    (root / "parts" / "year=2024" / "up").symlink_to(root / "parts")

    assert str(resolved("./parts", options(root))) == f"{root}/parts"


def test_a_walk_is_stopped_between_two_entries(root: Path) -> None:
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(TableUnavailable, match=r"folder \./parts can't be read now: interrupted"):
        resolve_table("./parts", options(root), stopped)


def test_a_file_is_read_no_further_once_stopped(root: Path, tmp_path: Path) -> None:
    stopped = threading.Event()
    stopped.set()
    (root / "text.csv").write_text("a\n1\n")
    table = FileTable(root / "text.csv", FileFormat.CSV)
    with pytest.raises(InterruptedError):
        readable(table, tmp_path, (), stopped)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


@pytest.mark.parametrize("make", [os.mkfifo, _socket])
@pytest.mark.parametrize("name", ["odd.csv", "odd.csv.gz", "odd.parquet"])
def test_what_is_no_file_is_no_table(
    root: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], name: str
) -> None:
    # A socket's path is short.
    monkeypatch.chdir(root)
    make(Path(name))

    assert refusal(name, root) == f"{name} is neither a file nor a folder"


def test_a_device_is_no_table(root: Path) -> None:
    (root / "zero.csv").symlink_to("/dev/zero")
    assert refusal("zero.csv", root) == "zero.csv lies outside the folders of DQX_WORKER_ROOTS"
    with pytest.raises(TableError, match=r"zero\.csv is neither a file nor a folder"):
        resolved("zero.csv", options(root, Path("/dev")))


def test_a_folder_that_holds_what_is_no_file_is_no_table(root: Path) -> None:
    reported = "folder ./parts holds something that is neither a file nor a folder"
    (root / "parts" / "dead").symlink_to(root / "nothing")
    assert refusal("./parts", root) == reported
    (root / "parts" / "dead").unlink()
    os.mkfifo(root / "parts" / "part-1.parquet")
    assert refusal("./parts", root) == reported


def test_a_root_that_hangs_holds_up_no_file_of_another_root(root: Path, outside: Path) -> None:
    hanging = root.parent / "hanging"
    with hanging_folder(hanging):
        # A thread, as a look into the folder would wait for ever.
        found: list[str] = []
        both = options(root, hanging, outside)
        names = ["a.csv", f"{root}/a.csv", f"{outside}/a.csv", "./parts"]
        look = threading.Thread(
            target=lambda: found.extend(str(resolved(one, both)) for one in names), daemon=True
        )
        look.start()
        look.join(5)
    assert found == [f"{root}/a.csv", f"{root}/a.csv", f"{outside}/a.csv", f"{root}/parts"]


def test_a_file_system_that_fails_may_be_there_again_later(root: Path) -> None:
    hanging = root / "gone"
    with hanging_folder(hanging) as release:
        release()
        reported = os.strerror(errno.ENOTCONN)
        with pytest.raises(
            TableUnavailable, match=f"file gone/a.csv can't be read now: {reported}"
        ):
            resolved("gone/a.csv", options(root))
