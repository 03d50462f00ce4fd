"""Latitudes and longitudes."""

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.estimates.columns import column, estimated, failing
from worker.estimates.coordinates import coordinates

_RNG = np.random.default_rng(25)
_ON_EARTH = _RNG.uniform(-60, 70, 200)


@pytest.mark.parametrize(
    ("name", "function"),
    [("lat", "is_latitude"), ("start_latitude", "is_latitude"), ("lng", "is_longitude")],
)
def test_values_all_over_the_earth_are_coordinates(name: str, function: str) -> None:
    for values in (_ON_EARTH, _ON_EARTH.round().astype(np.int32)):
        found = estimated(coordinates(), column(pa.array(values), name=name))
        assert found is not None
        assert (found.function, found.arguments) == (function, {})


def test_a_few_wrong_ones_are_findings() -> None:
    assert failing(coordinates(0.03), column([*_ON_EARTH, 4000.0], name="lat")) == [4000.0]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("lat", [*_ON_EARTH, 91.0]),
        # Bounds of a region say more.
        ("lat", [*(47 + _ON_EARTH / 100)]),
        ("lat", [*_ON_EARTH[:29]]),
        ("size", [*_ON_EARTH]),
        # DQX looks for these columns by other names.
        *((name, [*_ON_EARTH]) for name in ("Lat", "a.lat", "start lat", "länge_lat")),
    ],
)
def test_others_are_none(name: str, values: list[float]) -> None:
    assert estimated(coordinates(), column(values, name=name)) is None
