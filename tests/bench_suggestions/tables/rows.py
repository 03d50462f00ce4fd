"""Brings rows of any origin into the form that the bench works with."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

__all__ = ["MOST_ROWS", "from_csv", "from_pandas", "from_parquet", "made", "shortened"]

MOST_ROWS = 12_000
"""Of a table; more cost time and change no figure by much."""
_DIGITS = 15


def from_csv(path: Path, *, moments: tuple[str, ...] = ()) -> pa.Table:
    """Return the rows of a CSV file; `moments` are columns of ISO texts that become timestamps."""
    frame = pd.read_csv(path)
    for name in moments:
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return from_pandas(frame)


def from_pandas(frame: pd.DataFrame) -> pa.Table:
    """Return the rows of a frame: whole numbers stay whole beside nulls, NaN is null."""
    return _plain(pa.Table.from_pandas(frame.convert_dtypes(), preserve_index=False))


def from_parquet(path: Path) -> pa.Table:
    """Return the rows of a parquet file."""
    return _plain(pq.read_table(path))


def made(columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Return generated columns as rows."""
    return _plain(pa.table(dict(columns)))


def shortened(table: pa.Table, order: str | None) -> pa.Table:
    """Return at most `MOST_ROWS` random rows in the order of a column, else as they are."""
    if order is not None:
        table = table.take(pc.sort_indices(table, [(order, "ascending")]))
    if table.num_rows <= MOST_ROWS:
        return table
    chosen = np.random.default_rng(1).choice(table.num_rows, MOST_ROWS, replace=False)
    return table.take(np.sort(chosen))


def _plain(table: pa.Table) -> pa.Table:
    """Return the table with one type for texts and one for whole numbers, without metadata."""
    fields: list[Any] = [pa.field(one.name, _plain_type(one.type)) for one in table.schema]
    return table.replace_schema_metadata().cast(pa.schema(fields))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_decimal(kind):
        # Room for a value that is a thousand times as large.
        return pa.decimal128(max(kind.precision, _DIGITS), kind.scale)
    return kind
