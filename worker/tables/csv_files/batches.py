"""Reads a CSV file batch by batch, every field as text; rows of another length are left out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from worker.tables import file_errors
from worker.tables.csv_files.dialect import Dialect, find_dialect
from worker.tables.csv_files.stream import TextStream, opened

__all__ = ["Ragged", "read_dialect", "text_batches"]

_HEAD = 1 << 22
"""Bytes. A header of 25,000 long names fits in."""
_BLOCK = 1 << 24
"""Bytes. No row may be longer, with its line breaks in quotes."""


@dataclass(slots=True)
class Ragged:
    """The rows that have more or fewer fields than there are columns."""

    rows: int = 0
    first: str | None = None

    def leave_out(self, row: csv.InvalidRow) -> str:
        """Count a row, and have it left out."""
        self.rows += 1
        self.first = self.first or f"{row.actual_columns} fields, not {row.expected_columns}"
        return "skip"


def read_dialect(path: Path, shown: str) -> Dialect:
    """Return a file's dialect. Raises `TableError` if it can't be read as UTF-8 text."""
    with opened(path, shown) as stream:
        head = stream.read(_HEAD)
        if not stream.is_utf8:
            raise file_errors.not_utf8(shown)
    whole = len(head) < _HEAD
    return find_dialect(head.decode("utf-8-sig", "strict" if whole else "ignore"), whole=whole)


def text_batches(
    path: Path, shown: str, dialect: Dialect, ragged: Ragged, check: Callable[[], None]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows after the header, in columns that are named by their places, from "0".

    An empty field is null. `check` is called before each batch, and raises to end the reading.
    Raises `TableError`.
    """
    names = [str(place) for place in range(len(dialect.header))]
    read = csv.ReadOptions(
        use_threads=False,
        block_size=_BLOCK,
        skip_rows=1 if dialect.declared else 0,
        column_names=names,
        skip_rows_after_names=1,
    )
    parse = csv.ParseOptions(
        delimiter=dialect.separator,
        newlines_in_values=True,
        invalid_row_handler=ragged.leave_out,
    )
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
    )
    last = None
    with opened(path, shown) as stream:
        try:
            for batch in csv.open_csv(stream, read, parse, convert):
                check()
                yield batch
                last = batch if batch.num_rows else last
        # Its message may hold cells.
        except pa.ArrowInvalid:
            raise _unreadable(stream, shown) from None
        if stream.open_quote and last is not None and _ends_in_lines(last):
            raise file_errors.open_quote(shown)


def _ends_in_lines(batch: pa.RecordBatch) -> bool:
    """Return whether a field of the last row has a line break.

    A quote amid a field that does not begin with one stands for itself, so that their number alone
    does not say that one is open.
    """
    row = batch.slice(batch.num_rows - 1)
    return any(pc.any(pc.match_substring(column, "\n")).as_py() for column in row.columns)


def _unreadable(stream: TextStream, shown: str) -> Exception:
    return (
        file_errors.row_too_long(shown, _BLOCK >> 20)
        if stream.is_utf8
        else file_errors.not_utf8(shown)
    )
