"""Which files of a folder are a table, and what is said if none are."""

from pathlib import Path

import pytest

from worker.tables.errors import TableError
from worker.tables.folder_parts import Parts, parts_of
from worker.tables.table_types import FileFormat

FOLDER = Path("/data/t")


def parts(*names: str, empty: tuple[str, ...] = ()) -> Parts:
    """Return the parts of a folder that holds files of these names."""
    found = [(FOLDER / name, 1) for name in names] + [(FOLDER / name, 0) for name in empty]
    return parts_of(FOLDER, found, "t")


def test_the_parts_are_in_order_and_what_lies_beside_them_is_counted() -> None:
    found = parts(
        *("b.parquet", "2024/01/a.PARQUET", "year=2024/_x=1/c.parq", "README.md", "_SUCCESS"),
        *(".hidden.parquet", "_temporary/0/d.parquet", "_metadata"),
        empty=("e.parquet",),
    )
    assert found.format is FileFormat.PARQUET
    names = ["2024/01/a.PARQUET", "b.parquet", "year=2024/_x=1/c.parq"]
    assert list(found.files) == [FOLDER / name for name in names]
    assert (found.empty, found.others) == (1, 1)


def test_a_folder_of_csv_files_is_a_table() -> None:
    found = parts("a.csv", "b.csv.gz", "c.txt")
    assert (found.format, len(found.files), found.others) == (FileFormat.CSV, 2, 1)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("_delta_log/00000000000000000000.json", "Delta Lake"),
        (".hoodie/hoodie.properties", "Hudi"),
        ("metadata/v1.metadata.json", "Iceberg"),
    ],
)
def test_a_table_of_a_table_format_is_refused(name: str, kind: str) -> None:
    with pytest.raises(TableError, match=f"is a table of {kind}"):
        parts("a.parquet", name)


def test_two_formats_are_no_table() -> None:
    with pytest.raises(TableError, match="both parquet and CSV"):
        parts("a.parquet", "b.csv")


def test_a_folder_without_parts_says_what_it_holds() -> None:
    with pytest.raises(TableError, match="but files: 1 empty, 2 hidden, 1 of other formats"):
        parts("_a.parquet", ".b.parquet", "c.txt", empty=("d.parquet",))
    with pytest.raises(TableError, match=r"holds no parquet or CSV files(\n|$)"):
        parts()
