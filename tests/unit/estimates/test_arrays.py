"""Arrays that are never empty."""

import pyarrow as pa
import pytest

from tests.unit.estimates.columns import arguments, column, estimated
from worker.estimates.arrays import has_elements

_FULL: list[list[int | None] | None] = [[1], [2, 3], [None]] * 50


@pytest.mark.parametrize("kind", [pa.list_(pa.int64()), pa.large_list(pa.int64())])
def test_arrays_with_elements(kind: pa.DataType) -> None:
    assert arguments(has_elements(), column(_FULL, kind)) == {}
    assert arguments(has_elements(), column(_FULL[:99], kind)) is None


@pytest.mark.parametrize("empty", [[], None])
def test_a_few_without_elements_are_findings(empty: list[int] | None) -> None:
    arrays = column([*_FULL, empty], pa.list_(pa.int64()))

    assert arguments(has_elements(), arrays) is None
    found = estimated(has_elements(but_for_few=True), arrays)
    assert found is not None
    assert found.failing(arrays).tolist() == [*[False] * 150, True]
    assert arguments(has_elements(but_for_few=True), column([*_FULL, *[empty] * 4])) is None


def test_texts_are_no_arrays() -> None:
    assert arguments(has_elements(), column(["a"] * 150)) is None
