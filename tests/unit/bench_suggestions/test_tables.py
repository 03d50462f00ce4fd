"""The bench says of each column of its tables what it is."""

from pathlib import Path

import pytest

from tests.bench_suggestions.table import BenchTable, Fold
from tests.bench_suggestions.tables import for_development, for_judgement

GENERATED = [*for_development.TABLES, *for_judgement.TABLES]


@pytest.mark.parametrize("table", GENERATED, ids=lambda one: one.name)
def test_kinds_key_and_order_are_those_of_the_columns(table: BenchTable, tmp_path: Path) -> None:
    rows = table.load()
    assert list(table.kinds) == rows.column_names
    if table.key:
        keys = rows.select(list(table.key)).group_by(list(table.key)).aggregate([])
        assert keys.num_rows == rows.num_rows
    if table.order:
        moments = rows[table.order].to_pylist()
        assert moments == sorted(moments)


def test_the_folds_share_no_table() -> None:
    assert {one.fold for one in for_development.TABLES} == {Fold.DEVELOPMENT}
    assert {one.fold for one in for_judgement.TABLES} == {Fold.JUDGEMENT}
