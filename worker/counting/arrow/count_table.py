"""Counts the columns of rows that were fetched as Arrow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from databricks.labs.dqx.profiler.profiler import DQProfiler
from pyspark.sql.types import (
    DecimalType,
    FloatType,
    IntegralType,
    StructField,
)

from worker.counting.arithmetic import EXACT, stddevs
from worker.counting.arrow.counted_column import ArrowColumn
from worker.counting.arrow.values import Floats
from worker.counting.counted_table import CountedTable
from worker.counting.precomputed_frame import UnknownCall

__all__ = ["FloatTexts", "count_rows", "leaf", "paths_of"]

FloatTexts = Callable[[Sequence[float]], list[str]]
"""Returns Spark's own text of numbers of the type FLOAT."""

SUMMARY = ("count", "mean", "stddev", "min", "25%", "50%", "75%", "max")
"""The rows of `DataFrame.summary()`."""


def count_rows(
    rows: pa.Table, fields: Sequence[StructField], float_texts: FloatTexts, *, trim: bool
) -> CountedTable:
    """Count every column in `fields`, the schema of these rows in Spark.

    A column is left out if it holds what only Spark can count.
    """
    columns: dict[str, list[tuple[StructField, ArrowColumn]]] = {}
    left: dict[str, str] = {}
    short: list[tuple[ArrowColumn, Floats]] = []
    for field in fields:
        try:
            parts = _counted(rows, field, trim=trim)
            measured = [(one, one.measure()) for _, one in parts if one.measurable]
        except UnknownCall as call:
            left[field.name] = str(call)
        else:
            columns[field.name] = parts
            # The numbers of longer columns are forgotten: of all of them they take much memory.
            short += [(one, numbers) for one, numbers in measured if len(numbers) < EXACT]
            del measured
    for (one, _), stddev in zip(short, stddevs([each for _, each in short]), strict=True):
        one.stddev = stddev
    summarized = {
        name: parts[0][1]
        for name, parts in columns.items()
        if len(parts) == 1 and parts[0][1].summarized
    }
    return CountedTable(rows.num_rows, columns, list(_summarize(summarized, float_texts)), left)


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
        (one, ArrowColumn(leaf(rows, _path(field, one)), one, nested=one is not field, trim=trim))
        for one in DQProfiler.get_columns_or_fields([field])
    ]


def _path(column: StructField, field: StructField) -> list[str]:
    return [column.name] if field.name == column.name else field.name.split(".")


def paths_of(field: StructField) -> list[list[str]]:
    """Return the path of a column, or of each field of a struct as DQX profiles it."""
    return [_path(field, one) for one in DQProfiler.get_columns_or_fields([field])]


def leaf(rows: pa.Table, path: Sequence[str]) -> pa.Array:
    """Return a column, or a field of a struct: NULL if the struct is."""
    values = rows.column(path[0]).combine_chunks()
    for name in path[1:]:
        values = pc.struct_field(values, name)
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _summarize(
    columns: Mapping[str, ArrowColumn], float_texts: FloatTexts
) -> Iterator[Mapping[str, str | None]]:
    """Yield the rows of `DataFrame.summary()` over these columns, of numbers and of text.

    The least and greatest texts are left out, which DQX drops, and so are quartiles of texts.
    """
    by_column: dict[str, list[str | None]] = {}
    floats: list[float] = []
    for name, one in columns.items():
        values = one.quantiles()
        by_column[name] = [
            str(one.size),
            one.mean,
            None if one.stddev is None else repr(one.stddev),
            *(_text(one, value) for value in values),
        ]
        if isinstance(one.kind, FloatType):
            floats += [value for value in values if value is not None]
    written = iter(float_texts(floats) if floats else ())
    for name, one in columns.items():
        if isinstance(one.kind, FloatType):
            metrics = by_column[name]
            metrics[3:] = [text and next(written) for text in metrics[3:]]
    for index, metric in enumerate(SUMMARY):
        yield {"summary": metric, **{name: by_column[name][index] for name in columns}}


def _text(column: ArrowColumn, value: Any) -> str | None:
    if value is None:
        return None
    match column.kind:
        case DecimalType():
            return format(value, "f")
        case IntegralType():
            return str(value)
    return repr(value)
