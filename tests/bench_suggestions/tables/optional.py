"""Tables of packages that only the bench's own environment has; none without that environment."""

from functools import partial
from pathlib import Path

import pyarrow as pa

from tests.bench_suggestions.outside.environment import PYTHON, run_outside
from tests.bench_suggestions.table import BenchTable, Fold, Kind
from tests.bench_suggestions.tables.rows import from_csv, shortened

__all__ = ["tables"]

_GAPMINDER = {
    "country": Kind.CATEGORY,
    "continent": Kind.CATEGORY,
    "year": Kind.MOVING_DATE,
    "lifeExp": Kind.MEASURE,
    "pop": Kind.COUNT,
    "gdpPercap": Kind.AMOUNT,
}
_SEATTLE = {
    "date": Kind.TEXT_DATE,
    "precipitation": Kind.MEASURE,
    "temp_max": Kind.MEASURE,
    "temp_min": Kind.MEASURE,
    "wind": Kind.MEASURE,
    "weather": Kind.CATEGORY,
}
_CARS = {
    "Name": Kind.FREE_TEXT,
    "Miles_per_Gallon": Kind.MEASURE,
    "Cylinders": Kind.COUNT,
    "Displacement": Kind.MEASURE,
    "Horsepower": Kind.MEASURE,
    "Weight_in_lbs": Kind.MEASURE,
    "Acceleration": Kind.MEASURE,
    "Year": Kind.TEXT_DATE,
    "Origin": Kind.CATEGORY,
}
_STATIONS = {
    "iata": Kind.KEY,
    "name": Kind.FREE_TEXT,
    "city": Kind.FREE_TEXT,
    "state": Kind.CODE,
    "country": Kind.CATEGORY,
    "latitude": Kind.COORDINATE,
    "longitude": Kind.COORDINATE,
}
_WINE = {
    **dict.fromkeys(
        (
            *("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols"),
            *("flavanoids", "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue"),
            *("od280/od315_of_diluted_wines", "proline"),
        ),
        Kind.MEASURE,
    ),
    "target": Kind.CATEGORY,
}
_TABLES = (
    ("gapminder", Fold.DEVELOPMENT, _GAPMINDER, (), "year"),
    ("seattle-weather", Fold.DEVELOPMENT, _SEATTLE, ("date",), "date"),
    ("cars", Fold.JUDGEMENT, _CARS, (), "Year"),
    ("stations", Fold.JUDGEMENT, _STATIONS, ("iata",), None),
    ("wine", Fold.JUDGEMENT, _WINE, (), None),
)


def tables(folder: Path) -> list[BenchTable]:
    """Return the tables, which another interpreter writes into `folder` as CSV files."""
    if not PYTHON.exists():
        return []
    written = folder / "optional"
    if not (written / "done").exists():
        run_outside("write_tables", written)
    return [
        BenchTable(name, fold, partial(_load, written / f"{name}.csv", order), kinds, key, order)
        for name, fold, kinds, key, order in _TABLES
    ]


def _load(path: Path, order: str | None) -> pa.Table:
    return shortened(from_csv(path), order)
