"""Puts errors into rows, and keeps which cells are wrong: one error in a row at most."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tests.bench_suggestions.errors import MAKERS, Cell, Changes, ErrorKind

__all__ = ["Error", "inject"]


@dataclass(frozen=True)
class Error:
    """An error that was put into a row."""

    row: int
    column: str
    kind: str
    """An `ErrorKind`, or the word of another injector."""


def inject(
    table: pa.Table,
    rows: int,
    seed: int,
    *,
    key: Sequence[str] = (),
    only: str | None = None,
) -> tuple[pa.Table, list[Error]]:
    """Return the table with an error in so many random rows, and the errors in the order of rows.

    The column of an error is drawn at random, or is `only`; then one of the kinds that apply to the
    cell is. A row whose cells allow no error stays right.
    """
    rng = np.random.default_rng(seed)
    names = table.column_names
    columns = {name: table[name].to_pylist() for name in names}
    right = {name: list(values) for name, values in columns.items()}
    errors: list[Error] = []
    for row in sorted(
        map(int, rng.choice(table.num_rows, min(rows, table.num_rows), replace=False))
    ):
        of_row = {name: right[name][row] for name in names}
        other = int(rng.integers(table.num_rows))
        of_other = {name: right[name][other] for name in key}
        candidates = [only] if only else [names[at] for at in rng.permutation(len(names))]
        for column in candidates:
            alike = [
                one for one in names if one != column and table[one].type == table[column].type
            ]
            cell = Cell(column, of_row, alike, key if column in key else (), of_other, rng)
            if (made := _wrong(cell)) is not None:
                kind, changes = made
                errors.append(Error(row, column, kind))
                for name, value in changes.items():
                    columns[name][row] = value
                break
    wrong = pa.table(
        [pa.array(columns[field.name], field.type) for field in table.schema], schema=table.schema
    )
    return wrong, errors


def _wrong(cell: Cell) -> tuple[ErrorKind, Changes] | None:
    kinds = list(MAKERS)
    for at in cell.rng.permutation(len(kinds)):
        changes = MAKERS[kinds[at]](cell)
        if changes is not None:
            return kinds[at], changes
    return None
