"""A table as Spark can read it: CSV is turned into parquet first."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from worker.tables.csv_files.convert import convert
from worker.tables.file_facts import FileFacts
from worker.tables.table_types import FileFormat, FileTable, Table

__all__ = ["needs_folder", "readable"]


def needs_folder(table: Table) -> bool:
    """Return whether `readable` needs a folder to write to."""
    return isinstance(table, FileTable) and table.format is FileFormat.CSV


def readable(
    table: Table, folder: Path | None, nulls: Sequence[str], stopped: threading.Event
) -> tuple[Table, FileFacts | None]:
    """Return the table with where Spark reads it from, and how it was read if it is CSV.

    What is made of CSV lies in `folder`, and texts in `nulls` are null. Blocks. Raises
    `TableError`; `InterruptedError` once `stopped` is set.
    """
    if folder is None or not isinstance(table, FileTable):
        return table, None

    def check() -> None:
        if stopped.is_set():
            raise InterruptedError

    facts = convert(table.parts, str(table), folder, nulls, check)
    facts = replace(facts, empty_files=table.empty_files, other_files=table.other_files)
    return replace(table, read_from=folder), facts
