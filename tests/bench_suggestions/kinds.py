"""How often a column is what a person says that it is: `python -m tests.bench_suggestions kinds`.

A column of a table of development that is taken for another kind is printed. Of the tables of
judgement only the figures are.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from tests.bench_suggestions.table import BenchTable, Fold, Kind
from worker.kinds.column import Column
from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.describe import describe

__all__ = ["judge_kinds"]

_SEEN = 5_000
"""Rows that a worker fetches."""
_FAMILIES = {
    "list": {ColumnKind.FLAG, ColumnKind.CATEGORY, ColumnKind.ISO_CODE},
    "bounds": {
        ColumnKind.AMOUNT,
        ColumnKind.MEASURE,
        ColumnKind.COUNT,
        ColumnKind.SHARE,
        ColumnKind.COORDINATE,
        ColumnKind.DURATION,
    },
    "key": {ColumnKind.KEY},
    "date": {ColumnKind.DATE},
    "format": {
        ColumnKind.EMAIL,
        ColumnKind.URL,
        ColumnKind.UUID,
        ColumnKind.IP,
        ColumnKind.POSTAL_CODE,
        ColumnKind.PHONE,
        ColumnKind.TEXT_DATE,
        ColumnKind.TEXT_NUMBER,
        ColumnKind.JSON,
        ColumnKind.NATIONAL_ID,
    },
}
"""Kinds about which the same rules are suggested; about all others, none on their values."""
_Answer = tuple[str, str, Kind, Described]


def judge_kinds(tables: Sequence[BenchTable]) -> str:
    """Return the accuracy for both folds as Markdown, and the errors on tables of development."""
    lines = ["| tables | columns | same kind | same rules |", "|---|---|---|---|"]
    wrong: list[str] = []
    for fold in Fold:
        found = [one for table in tables if table.fold == fold for one in _answers(table)]
        if not found:
            continue
        same = sum(_same_kind(kind, answer) for _, _, kind, answer in found)
        rules = sum(_same_rules(kind, answer) for _, _, kind, answer in found)
        lines.append(
            f"| {fold} | {len(found)} | {same / len(found):.1%} | {rules / len(found):.1%} |"
        )
        if fold is Fold.DEVELOPMENT:
            wrong = [_in_words(one) for one in found if not _same_kind(one[2], one[3])]
    return "\n".join([*lines, "", *wrong])


def _answers(table: BenchTable) -> list[_Answer]:
    rows = table.load()
    if rows.num_rows > _SEEN:
        seen = np.random.default_rng(1).choice(rows.num_rows, _SEEN, replace=False)
        rows = rows.take(np.sort(seen))
    return [
        (table.name, name, kind, describe(Column(name, _array(rows.column(name)))))
        for name, kind in table.kinds.items()
        # Personal is what the contract calls so.
        if kind is not Kind.PERSONAL
    ]


def _array(values: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(values.chunks)


def _same_kind(kind: Kind, answer: Described) -> bool:
    return answer.kind in _meant(kind)


def _same_rules(kind: Kind, answer: Described) -> bool:
    return _family(answer.kind) in {_family(one) for one in _meant(kind)}


def _meant(kind: Kind) -> set[ColumnKind]:
    """Return the kinds that a person meant: the bench calls a year a date."""
    meant = ColumnKind[kind.name]
    return {meant, ColumnKind.YEAR} if "date" in kind and "text" not in kind else {meant}


def _family(kind: ColumnKind) -> str:
    return next((name for name, kinds in _FAMILIES.items() if kind in kinds), "none")


def _in_words(answer: _Answer) -> str:
    table, column, kind, found = answer
    rules = "" if _same_rules(kind, found) else f" (rules: {_family(found.kind)})"
    return f"- {table}.{column}: {kind}, taken for {found.kind}{rules}: {found.reason}"
