"""A table of a hundred columns of the usual types, written without Spark."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["COLUMNS", "ROWS", "write_table"]

ROWS, COLUMNS = 5_000, 100
_STATES = ("new", "paid", "sent", "back")
_DAY_2020 = 18_262
_CENT = Decimal("0.01")


def write_table(path: Path, width: int = COLUMNS) -> list[str]:
    """Write a parquet file of ROWS rows and so many columns, and return their names."""
    chance = np.random.default_rng(1)
    columns = {f"c{number}": _column(chance, number) for number in range(width)}
    pq.write_table(pa.table(columns), path)
    return list(columns)


def _column(chance: np.random.Generator, number: int) -> pa.Array:
    numbers = chance.integers(0, 1_000_000, ROWS)
    missing = chance.random(ROWS) < 0.02
    match number % 8:
        case 0:
            return pa.array(np.arange(ROWS) * (number + 1))
        case 1:
            return pa.array(numbers % 1_000, mask=missing)
        case 2:
            return pa.array([_CENT * int(one) for one in numbers], pa.decimal128(12, 2))
        case 3:
            return pa.array(chance.normal(size=ROWS), mask=missing)
        case 4:
            return pa.array([_STATES[one % len(_STATES)] for one in numbers])
        case 5:
            return pa.array([f"customer {one}" for one in numbers], mask=missing)
        case 6:
            return pa.array(_DAY_2020 + numbers % 1_500, pa.int32()).cast(pa.date32())
    return pa.array(1_577_836_800_000_000 + numbers * 1_000_000, pa.timestamp("us", "UTC"))
