"""Counts the columns of rows that were fetched as Arrow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from databricks.labs.dqx.profiler.profiler import DQProfiler
from pyspark.sql.types import (
    DataType,
    DecimalType,
    FloatType,
    IntegralType,
    NumericType,
    StringType,
    StructField,
)

from worker.profiling.counting.arithmetic import stddevs
from worker.profiling.counting.arrow import ArrowColumn
from worker.profiling.counting.column import CountedTable
from worker.profiling.counting.numerals import plain
from worker.profiling.counting.stand_in import UnknownCall
from worker.profiling.counting.values import integer, percentiles

__all__ = ["Render", "count_rows", "leaf"]

Render = Callable[[Sequence[float], Sequence[float]], tuple[list[str], list[str]]]
"""Spark's own text of doubles, and of floats."""

SUMMARY = ("count", "mean", "stddev", "min", "25%", "50%", "75%", "max")
"""The rows of `DataFrame.summary()`."""

_QUARTILES = (0.25, 0.5, 0.75)


def count_rows(
    rows: pa.Table, fields: Sequence[StructField], render: Render, *, trim: bool
) -> CountedTable:
    """Count every column in `fields`, the schema of these rows in Spark.

    A column is left out if it holds what only Spark can count.
    """
    columns: dict[str, list[tuple[StructField, ArrowColumn]]] = {}
    means: dict[str, str | None] = {}
    left: dict[str, str] = {}
    for field in fields:
        try:
            parts = _counted(rows, field, trim=trim)
            if isinstance(field.dataType, NumericType | StringType):
                means[field.name] = parts[0][1].mean_text()
        except UnknownCall as call:
            left[field.name] = str(call)
        else:
            columns[field.name] = parts
    _fill_stddevs([counts for parts in columns.values() for _, counts in parts])
    summarized = {name: columns[name][0][1] for name in means}
    summary = list(_summarize(summarized, means, render))
    return CountedTable(rows.num_rows, columns, summary, left)


def _counted(
    rows: pa.Table, field: StructField, *, trim: bool
) -> list[tuple[StructField, ArrowColumn]]:
    """Return a column, or the fields of a struct. Raises `UnknownCall`."""
    try:
        rows.column(field.name).validate(full=True)
    except pa.ArrowInvalid as error:
        # Spark casts any bytes to text, and reads them from files.
        raise UnknownCall("text that is not UTF-8") from error
    return [
        (one, ArrowColumn(leaf(rows, _path(field, one)), one.dataType, trim=trim))
        for one in DQProfiler.get_columns_or_fields([field])
    ]


def _path(column: StructField, field: StructField) -> list[str]:
    return [column.name] if field.name == column.name else field.name.split(".")


def leaf(rows: pa.Table, path: Sequence[str]) -> pa.Array:
    """Return a column, or a field of a struct: NULL where the struct is."""
    values = rows.column(path[0]).combine_chunks()
    for name in path[1:]:
        values = pc.struct_field(values, name)
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _summarize(
    columns: Mapping[str, ArrowColumn], means: Mapping[str, str | None], render: Render
) -> Iterator[Mapping[str, str | None]]:
    """Yield the rows of `DataFrame.summary()` over these columns, of numbers and of text.

    The text of least and greatest texts is left out: DQX drops it.
    """
    quartiles = {name: percentiles(one.numbers, _QUARTILES) for name, one in columns.items()}
    extremes = {
        name: (None, None) if isinstance(one.kind, StringType) else one.extremes()
        for name, one in columns.items()
    }
    doubles: list[float] = []
    floats: list[float] = []
    for name, one in columns.items():
        if isinstance(one.kind, FloatType):
            floats += [value for value in (*extremes[name], *quartiles[name]) if value is not None]
        elif isinstance(one.kind, StringType | DecimalType):
            doubles += [value for value in quartiles[name] if value is not None]
    written_doubles, written_floats = render(doubles, floats) if doubles or floats else ([], [])
    text_of_doubles = dict(zip(map(_bits, doubles), written_doubles, strict=True))
    text_of_floats = dict(zip(map(_bits, floats), written_floats, strict=True))

    def text(kind: DataType, value: Any, *, quartile: bool) -> str | None:
        if value is None:
            return None
        match kind:
            case FloatType():
                return text_of_floats[_bits(value)]
            case StringType():
                return text_of_doubles[_bits(value)]
            case DecimalType():
                return plain(text_of_doubles[_bits(value)]) if quartile else format(value, "f")
            case IntegralType():
                return str(integer(value) if quartile else value)
        return repr(value)

    by_column = {}
    for name, one in columns.items():
        low, high = extremes[name]
        stddev = one.stddev
        by_column[name] = (
            str(one.size),
            means[name],
            None if stddev is None else repr(stddev),
            text(one.kind, low, quartile=False),
            *(text(one.kind, value, quartile=True) for value in quartiles[name]),
            text(one.kind, high, quartile=False),
        )
    for index, metric in enumerate(SUMMARY):
        yield {"summary": metric, **{name: by_column[name][index] for name in columns}}


def _fill_stddevs(columns: Sequence[ArrowColumn]) -> None:
    """Compute the standard deviations of all columns together."""
    numbers = [
        one.numbers if isinstance(one.kind, NumericType | StringType) else one.moments
        for one in columns
    ]
    for column, value in zip(columns, stddevs(numbers), strict=True):
        column.stddev = value


def _bits(value: float) -> bytes:
    """Tell zeros of different signs apart, and no NaN from another."""
    return np.float64(value).tobytes()
