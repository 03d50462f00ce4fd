"""How a CSV file separates its fields, found in the file's first bytes."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO

__all__ = ["Dialect", "find_dialect"]

_SEPARATORS = (",", ";", "\t", "|")
_RECORDS = 200
_DECLARED = re.compile(r"(?:\"sep=(.)\"|sep=(.))\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The separator of a file, and its columns as the first record names them."""

    separator: str
    declared: bool
    """Whether the separator is given by a first line `sep=`, which spreadsheets write and read."""
    header: tuple[str, ...]
    """The fields of the first record; as many more that are empty as most other records have."""


def find_dialect(head: str, *, whole: bool) -> Dialect:
    """Return the dialect of a file that begins with `head`, or is that text if it is the `whole`.

    The separator is the one that splits the records into the most even number of fields. A file
    without any record has no columns.
    """
    declared = _DECLARED.match(head)
    if declared is not None:
        separator = declared[1] or declared[2]
        head = head[declared.end() :]
        return Dialect(separator, True, _header(_records(head, separator, whole=whole)))
    read = {one: _records(head, one, whole=whole) for one in _SEPARATORS}
    fitting = {one: _evenness(records) for one, records in read.items()}
    best = max(_SEPARATORS, key=lambda one: fitting[one])
    if fitting[best] == (0, 0):
        # One column: its texts may hold any of them.
        best = next((one for one in _SEPARATORS if one not in head), ",")
    return Dialect(best, False, _header(read[best]))


def _records(head: str, separator: str, *, whole: bool) -> list[list[str]]:
    """Return the first records; none that may be cut."""
    records: list[list[str]] = []
    # A field that is longer than this reader takes ends the reading: what is before it counts.
    with suppress(csv.Error):
        for record in csv.reader(StringIO(head, newline=""), delimiter=separator):
            # An empty line is no record.
            if record:
                records.append(record)
            if len(records) > _RECORDS:
                break
    complete = whole or len(records) > _RECORDS
    return records if complete or len(records) == 1 else records[:-1]


def _evenness(records: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Return the share of records that have the most frequent number of fields, and that number.

    Nothing of both if the separator does not split the first record, or not most of the others.
    """
    if not records or len(records[0]) == 1:
        return 0, 0
    fields, number = _most_frequent(records)
    share = number / len(records)
    return (share, fields) if fields > 1 and share > 1 / 2 else (0, 0)


def _most_frequent(records: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return the most frequent number of fields of the records after the first, and how often."""
    counts = Counter(len(record) for record in records[1:] or records)
    fields, number = counts.most_common(1)[0]
    return fields, number + (len(records) > 1 and len(records[0]) == fields)


def _header(records: Sequence[Sequence[str]]) -> tuple[str, ...]:
    if not records:
        return ()
    fields, _ = _most_frequent(records)
    missing = fields - len(records[0]) if len(records[0]) > 1 else 0
    return (*records[0], *([""] * max(missing, 0)))
