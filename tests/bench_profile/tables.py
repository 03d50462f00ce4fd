"""Tables of a known shape, made on the spot."""

import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["lineitem", "made", "with_variant"]

_FILES = 4
# What a table of business data has: keys, amounts, prices, shares, codes, names, days, moments,
# marks; some of it missing.
_COLUMNS = (
    "id",
    "cast(rand({n}) * 1000 AS INT)",
    "CASE WHEN rand({n}) < 0.02 THEN NULL ELSE cast(exp(10 * rand({n} + 1)) AS DECIMAL(12, 2)) END",
    "CASE WHEN rand({n}) < 0.005 THEN NULL ELSE randn({n} + 1) END",
    "element_at(array('new', 'paid', 'sent', 'back', ' new'), 1 + cast(rand({n}) * 5 AS INT))",
    "concat('customer ', sha1(cast(id * {n} AS STRING)))",
    "date_add(DATE'2020-01-01', cast(rand({n}) * 1500 AS INT))",
    "timestamp_seconds(1577836800 + rand({n}) * 100000000)",
    "rand({n}) < 0.3",
    "cast(rand({n}) * 1000000000000 AS BIGINT)",
    "CASE WHEN rand({n}) < 0.3 THEN NULL ELSE cast(rand({n}) * 100 AS STRING) END",
    "cast(rand({n}) AS FLOAT)",
)


def made(session: "SparkSession", folder: Path, rows: int, columns: int) -> Path:
    """Return a folder of parquet files with so many rows and columns."""
    path = folder / f"{columns}x{rows}"
    if not path.exists():
        kinds = [_COLUMNS[n % len(_COLUMNS)].format(n=n + 1) for n in range(columns)]
        named = [f"{kind} AS c{n}" for n, kind in enumerate(kinds)]
        session.range(0, rows, 1, _FILES).selectExpr(*named).write.parquet(str(path))
    return path


def with_variant(session: "SparkSession", folder: Path, other: Path) -> Path:
    """Return a folder with the rows of another and a VARIANT beside them."""
    path = folder / f"{other.name} and a variant"
    if not path.exists():
        rows = session.read.parquet(str(other))
        rows.selectExpr("*", "parse_json('[' || c0 || ']') AS odd").write.parquet(str(path))
    return path


def lineitem(folder: Path, scale: str) -> Path:
    """Return TPC-H's largest table at that scale: 1 is six million rows."""
    path = folder / f"tpch-{scale}"
    if not path.exists():
        command = Path(sysconfig.get_path("scripts")) / "tpchgen-cli"
        subprocess.run(
            [command, "parquet", "-s", scale, "--tables=lineitem", f"--output-dir={path}"],
            check=True,
            capture_output=True,
        )
    return path / "lineitem.parquet"
