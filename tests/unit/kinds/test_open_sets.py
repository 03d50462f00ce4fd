"""Texts of which a load shows only some of all that there are."""

import pyarrow as pa
import pytest

from worker.kinds.column import Column
from worker.kinds.open_sets import is_of_open_set


def _is_open(name: str, texts: list[str]) -> bool:
    return is_of_open_set(Column(name, pa.array(texts * 9)))


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("x", ["DE", "FR", "IT", "ES"]),
        ("x", ["DEU", "FRA", "ITA"]),
        ("x", ["EUR", "USD", "GBP"]),
        ("x", ["de", "fr", "it", "es", "en", "pt"]),
        ("x", ["TX", "OH", "WA", "FL"]),
        ("x", ["1.2.3", "v1.10.0"]),
        ("home_state", ["CA", "NY"]),
        ("country", ["Germany", "France"]),
        ("shipCity", ["Rome", "Oslo"]),
        ("carrier", ["UA", "9E"]),
        ("manufacturer_name", ["Airbus", "Boeing"]),
        ("currency", ["EUR", "CHF"]),
    ],
)
def test_by_name_or_by_its_codes_a_column_shows_only_some(name: str, texts: list[str]) -> None:
    assert _is_open(name, texts)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("x", ["DE", "FR", "IT"]),
        ("x", ["DE", "FR", "IT", "EU"]),
        ("x", ["TX", "OH", "WA"]),
        ("x", ["1.2", "1.3"]),
        ("origin", ["EWR", "JFK", "LGA"]),
        ("state", ["open", "closed"]),
        ("capacity", ["low", "high"]),
        ("city_type", ["capital", "harbour"]),
        ("model", [f"A{at}" for at in range(201)]),
    ],
)
def test_other_texts_may_be_all(name: str, texts: list[str]) -> None:
    assert not _is_open(name, texts)


def test_numbers_are_of_no_such_set() -> None:
    assert not is_of_open_set(Column("city", pa.array([1, 2] * 20)))
