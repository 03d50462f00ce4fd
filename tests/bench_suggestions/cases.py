"""What is judged: a table, how it is split into past and unseen rows, and errors of the past."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import pyarrow as pa

from tests.bench_suggestions.inject import Error, inject
from tests.bench_suggestions.table import BenchTable

__all__ = ["CLEAN", "Case", "Dirt", "Parts", "Split", "cases", "parts_of"]

_PAST = 0.7
"""The share of rows that suggestions may be made from."""
_WRONG = 0.3
"""The share of the unseen rows that get an error, in a copy of them."""


class Split(StrEnum):
    """Which rows are the past."""

    RANDOM = "random"
    TIME = "time"


@dataclass(frozen=True)
class Dirt:
    """The errors that the past holds."""

    share: float
    """Of its rows."""
    one_column: bool = False
    """Whether all errors are in one column, else in columns at random."""

    def __str__(self) -> str:
        where = "in one column" if self.one_column else "anywhere"
        return f"{100 * self.share:g} % wrong rows {where}" if self.share else "clean past"


CLEAN = Dirt(0.0)


@dataclass(frozen=True)
class Case:
    """One table, split once."""

    table: BenchTable
    split: Split
    dirt: Dirt
    seed: int

    def __str__(self) -> str:
        return f"{self.table.name}, {self.split} {self.seed}, {self.dirt}"

    @cached_property
    def number(self) -> int:
        """A seed that is this case's own, the same in each run."""
        return zlib.crc32(str(self).encode())


@dataclass(frozen=True)
class Parts:
    """The rows of a case."""

    past: pa.Table
    past_errors: Sequence[Error]
    unseen: pa.Table
    """Without errors."""
    wrong: pa.Table
    """The unseen rows, some of them with an error."""
    errors: Sequence[Error]


def cases(
    tables: Sequence[BenchTable], dirts: Sequence[Dirt], seeds: Sequence[int]
) -> Iterator[Case]:
    """Yield the cases of all tables: a random split for each seed, and one in order of time."""
    for table in tables:
        for dirt in dirts:
            for seed in seeds:
                yield Case(table, Split.RANDOM, dirt, seed)
            if table.order is not None:
                yield Case(table, Split.TIME, dirt, seeds[0])


def parts_of(case: Case, rows: pa.Table) -> Parts:
    """Split the rows of a case's table and put its errors in."""
    count = round(_PAST * rows.num_rows)
    if case.split is Split.TIME:
        past, unseen = rows.slice(0, count), rows.slice(count)
    else:
        # The same rows for every dirt of a table: its figures can be compared.
        drawn = np.random.default_rng(case.seed).permutation(rows.num_rows)
        past, unseen = rows.take(np.sort(drawn[:count])), rows.take(np.sort(drawn[count:]))
    key = case.table.key
    past_errors: Sequence[Error] = ()
    if case.dirt.share:
        wrong_rows = max(1, round(case.dirt.share * past.num_rows))
        only = _one_column(case, rows) if case.dirt.one_column else None
        past, past_errors = inject(past, wrong_rows, case.number, key=key, only=only)
    wrong, errors = inject(unseen, round(_WRONG * unseen.num_rows), case.seed + 1000, key=key)
    return Parts(past, past_errors, unseen, wrong, errors)


def _one_column(case: Case, rows: pa.Table) -> str:
    names: list[str] = [
        name for name in rows.column_names if rows[name].null_count < rows.num_rows / 2
    ]
    return names[case.number % len(names)]
