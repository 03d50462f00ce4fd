"""Write tables of packages as CSV files: `write_tables.py FOLDER`, in the bench's environment."""

import importlib.util
import sys
from pathlib import Path

import pandas as pd


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    vega = _package("vega_datasets") / "_data"
    cars = pd.read_json(vega / "cars.json", convert_dates=False)
    wine = importlib.import_module("sklearn.datasets").load_wine(as_frame=True).frame
    found = {
        "gapminder": pd.read_csv(_package("gapminder") / "gapminder.csv"),
        "seattle-weather": pd.read_csv(vega / "seattle-weather.csv"),
        "cars": cars,
        "stations": pd.read_csv(vega / "airports.csv"),
        "wine": wine,
    }
    for name, table in found.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    (folder / "done").touch()


def _package(name: str) -> Path:
    """Return the folder of a package without importing it."""
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


if __name__ == "__main__":
    main(Path(sys.argv[1]))
