"""What a column is, by the type of its values first."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.kinds.column import Column
from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.dates import describe_dates
from worker.kinds.facts import Facts
from worker.kinds.numbers import describe_numbers
from worker.kinds.texts import describe_texts

__all__ = ["describe"]


def describe(column: Column) -> Described:
    """Return what a column is, and why: by its values, then the contract's type, then its name."""
    facts = Facts(_plain(column))
    if not facts.values:
        return Described(ColumnKind.EMPTY, f"none of {facts.rows:,} rows has a value")
    # Differences of the greatest numbers overflow.
    with np.errstate(over="ignore", invalid="ignore"):
        return _by_type(facts)


def _by_type(facts: Facts) -> Described:
    kind = facts.column.values.type
    if pa.types.is_boolean(kind):
        return facts.constant or Described(ColumnKind.FLAG, "the values are true and false")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return describe_texts(facts)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return describe_numbers(facts)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return describe_dates(facts)
    if pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return Described(ColumnKind.DURATION, "the values are spans of time")
    if _is_binary(kind):
        return Described(ColumnKind.BINARY, "the values are bytes")
    return Described(ColumnKind.OTHER, "the values are neither numbers, texts, dates nor bytes")


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _plain(column: Column) -> Column:
    """Return the column with plain values: no dictionary, no view, null for NaN and infinity."""
    values = column.values
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    elif pa.types.is_run_end_encoded(values.type):
        values = pc.run_end_decode(values)
    if pa.types.is_string_view(values.type):
        values = values.cast(pa.large_string())
    elif pa.types.is_float16(values.type):
        values = values.cast(pa.float32())
    if pa.types.is_floating(values.type):
        finite = pc.is_finite(values)
        if pc.all(finite).as_py() is False:
            values = pc.if_else(finite, values, None)
    return column if values is column.values else replace(column, values=values)
