"""CSV files of the corpus, and what is said about how they were read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.csv_readers.corpus import CASES, Case
from worker.tables.csv_files.convert import convert
from worker.tables.errors import TableError
from worker.tables.file_facts import FileFacts

NULLS = ("NA", "null")


def nothing() -> None:
    """Let the reading go on."""


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """A folder for what is written."""
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def converted(tmp_path: Path, into: Path, *texts: bytes, ending: str = ".csv") -> FileFacts:
    """Write files and convert them."""
    files = [tmp_path / f"{number}{ending}" for number, _ in enumerate(texts)]
    for file, text in zip(files, texts, strict=True):
        file.write_bytes(text)
    return convert(files, "/t.csv", into, NULLS, nothing)


def columns(into: Path) -> dict[str, Any]:
    """Return what was written."""
    written: dict[str, Any] = pq.read_table(into).to_pydict()
    return written


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_columns_of_a_file_as_people_have_it(tmp_path: Path, into: Path, case: Case) -> None:
    if case.columns is None:
        with pytest.raises(TableError, match=r"/t\.csv"):
            converted(tmp_path, into, case.content, ending=case.ending)
        return
    converted(tmp_path, into, case.content, ending=case.ending)
    assert columns(into) == case.columns


def test_placeholders_are_counted_by_column(tmp_path: Path, into: Path) -> None:
    facts = converted(tmp_path, into, b'a,b,c\nNA,NA,x\nnull,1,""\nNA,2,nil\n')
    assert facts.nulls == {"a": {"NA": 2, "null": 1}, "b": {"NA": 1}}


def test_rows_of_another_length_are_counted_and_the_first_is_named(
    tmp_path: Path, into: Path
) -> None:
    facts = converted(tmp_path, into, b"a,b\n1,2\n1\n1,2,3\n3,4\n5,6\n")
    assert (facts.ragged_rows, facts.first_ragged) == (2, "0.csv: 1 fields, not 2")


def test_files_belong_together_by_the_names_of_their_columns(tmp_path: Path, into: Path) -> None:
    facts = converted(tmp_path, into, b"id,name\n1,a\n", b"name;extra;id\nb;1,5;x\n")
    assert columns(into) == {"id": ["1", "x"], "name": ["a", "b"], "extra": [None, 1.5]}
    assert (facts.files, facts.separators, facts.lacking) == (2, (",", ";"), {"extra": 1})


def test_an_empty_file_among_others_adds_nothing(tmp_path: Path, into: Path) -> None:
    facts = converted(tmp_path, into, b"id\n1\n", b"")
    assert columns(into) == {"id": [1]}
    assert facts.lacking == {"id": 1}


def test_a_row_that_is_longer_than_is_read_is_refused(tmp_path: Path, into: Path) -> None:
    with pytest.raises(TableError, match="a row of more than 16 MB"):
        converted(tmp_path, into, b'id,t\n1,"' + b"x" * (1 << 25) + b'"\n')


def test_the_work_ends_where_the_check_raises(tmp_path: Path) -> None:
    def stop() -> None:
        raise InterruptedError

    (tmp_path / "t.csv").write_bytes(b"id\n1\n")
    with pytest.raises(InterruptedError):
        convert([tmp_path / "t.csv"], "t", tmp_path, NULLS, stop)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a_2", "a", "a"], ["a_2", "a", "a_3"]),
        (["", "column_1", ""], ["column_1_2", "column_1", "column_3"]),
        (["A", "a"], ["A", "a"]),
    ],
)
def test_invented_names_are_free(header: Sequence[str], names: list[str]) -> None:
    from worker.tables.csv_files.names import column_names

    found, invented = column_names(header)
    assert found == names
    assert set(invented) == set(names) - set(header)
