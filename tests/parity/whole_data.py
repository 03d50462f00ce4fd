"""A table of 50 columns of mixed types, made by Spark itself, of any number of rows."""

from collections.abc import Iterator

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

__all__ = ["wide_rows"]

_NUMBERS = (5, 8, 100, 10**4, 10**6, 10**9)
_TEXTS = (4, 7, 50, 10**4, 10**9, 10**9)


def wide_rows(session: SparkSession, rows: int) -> DataFrame:
    """Return rows of which 2 in 100 values are NULL; some columns are distinct, some lists."""
    return session.range(0, rows, 1, 4).select(*_columns())


def _random(number: int) -> Column:
    return F.xxhash64(F.col("id"), F.lit(number))


def _below(number: int, limit: int) -> Column:
    return F.pmod(_random(number), F.lit(limit))


def _columns() -> Iterator[Column]:
    for number, column in enumerate(_values()):
        present = F.pmod(_random(number + 1000), F.lit(50)) != 0
        yield F.when(present, column).alias(f"c{number}")


def _values() -> Iterator[Column]:
    for n in range(12):
        yield _below(n, _NUMBERS[n % 6]).cast(("int", "bigint")[n % 2])
    for n in range(12, 22):
        double = F.exp(_below(n, 10**6) / 125_000) if n % 2 else _below(n, 1000) / 10
        yield double.cast("double" if n % 5 else "float")
    for n in range(22, 36):
        text = _below(n, _TEXTS[n % 6]).cast("string")
        yield (F.concat(F.lit("value "), text), F.sha2(text, 256), text)[n % 3]
    for n in range(36, 40):
        yield (_below(n, 10**7) / 100).cast(("decimal(20,4)", "decimal(12,2)")[n % 2])
    for n in range(40, 44):
        yield F.date_add(F.lit("2015-01-01").cast("date"), _below(n, 3000).cast("int"))
    for n in range(44, 47):
        yield F.timestamp_micros(F.lit(15 * 10**14) + _below(n, 10**14))
    yield _below(47, 2) == 0
    yield F.array(_below(48, 3), _below(49, 30))
    yield F.struct(_below(50, 300).alias("x"))
