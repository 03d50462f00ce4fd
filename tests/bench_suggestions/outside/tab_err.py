"""The errors of tab-err in place of the bench's own, in the unseen rows."""

import pickle
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.bench_suggestions.cases import Case, Parts, parts_of
from tests.bench_suggestions.inject import Error
from tests.bench_suggestions.outside.environment import run_outside

__all__ = ["CODE", "parts_with_tab_err"]

CODE = (Path(__file__), Path(__file__).with_name("make_errors.py"))

_WRONG = 0.3
Made = tuple[int, str, str, Any]
"""Row, column, kind of error, value."""


def parts_with_tab_err(case: Case, rows: pa.Table) -> Parts:
    """Split a table as ever; the wrong rows have errors of tab-err."""
    parts = parts_of(case, rows)
    with tempfile.TemporaryDirectory(prefix="dqx-tab-err-") as name:
        folder = Path(name)
        _plain(parts.unseen).to_pickle(folder / "rows")
        run_outside("make_errors", folder / "rows", folder / "errors", str(case.seed))
        made: list[Made] = pickle.loads((folder / "errors").read_bytes())  # noqa: S301
    wrong, errors = _with_errors(parts.unseen, made, case.seed)
    return replace(parts, wrong=wrong, errors=errors)


def _plain(rows: pa.Table) -> pd.DataFrame:
    """Return the rows with types that tab-err knows: texts, numbers and moments without a zone."""
    frame = pd.DataFrame(index=range(rows.num_rows))
    for field in rows.schema:
        column = rows[field.name]
        if pa.types.is_decimal(field.type):
            frame[field.name] = column.cast(pa.float64()).to_pandas()
        elif pa.types.is_temporal(field.type):
            frame[field.name] = column.cast(pa.timestamp("ns")).to_pandas()
        elif pa.types.is_string(field.type):
            frame[field.name] = column.to_pandas().astype("string")
        elif pa.types.is_integer(field.type):
            frame[field.name] = column.to_pandas().astype("Int64")
        else:
            frame[field.name] = column.to_pandas()
    return frame


def _with_errors(rows: pa.Table, made: Iterable[Made], seed: int) -> tuple[pa.Table, list[Error]]:
    """Put at most one of the errors into each row, and none into most rows.

    An error is left out if its value is the right one, or none of the column's type.
    """
    rng = np.random.default_rng(seed)
    shuffled = list(made)
    rng.shuffle(shuffled)
    columns = {name: rows[name].to_pylist() for name in rows.column_names}
    chosen = set(map(int, rng.choice(rows.num_rows, round(_WRONG * rows.num_rows), replace=False)))
    errors: dict[int, Error] = {}
    for row, column, kind, value in shuffled:
        if row not in chosen or row in errors:
            continue
        try:
            wrong = _as(value, rows.schema.field(column).type)
        except (ArithmeticError, TypeError, ValueError, pa.ArrowException):
            continue
        if wrong != columns[column][row]:
            errors[row] = Error(row, column, kind)
            columns[column][row] = wrong
    table = pa.table(
        [pa.array(columns[field.name], field.type) for field in rows.schema], schema=rows.schema
    )
    return table, [errors[row] for row in sorted(errors)]


def _as(value: Any, kind: pa.DataType) -> Any:
    """Return a value of pandas as the column's type has it."""
    if pd.isna(value):
        return None
    if pa.types.is_decimal(kind):
        return pa.scalar(f"{value:.{kind.scale}f}").cast(kind).as_py()
    if pa.types.is_integer(kind):
        return round(value)
    if pa.types.is_temporal(kind):
        return pa.scalar(pd.Timestamp(value).floor("us")).cast(kind, safe=False).as_py()
    return pa.scalar(value, kind).as_py()
