"""The columns of a parquet file, from its footer: which of them Spark reads, and as what."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from worker.tables import file_errors

__all__ = ["Column", "columns_of", "settled"]

_UNREAD = {"TIME": "time", "UUID": "uuid", "FLOAT16": "float16", "INTERVAL": "interval"}
"""Types that Spark refuses, with their names for people (4.1 to 4.3)."""
_MOST_DIGITS = 38
"""Of a decimal in Spark."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file. Columns of equal `key` are read alike."""

    name: str
    type: pa.DataType
    """As Arrow reads it; timestamps of INT96 in microseconds, as Spark does."""
    unread: str | None = None
    """Why Spark can't read it; None if it can."""

    @property
    def has_nanoseconds(self) -> bool:
        """Whether Spark reads it, or a part of it, as numbers of nanoseconds."""
        return self.unread is None and any(
            pa.types.is_timestamp(leaf) and leaf.unit == "ns" for leaf in _leaves(self.type)
        )


def columns_of(footer: pq.FileMetaData) -> tuple[Column, ...]:
    """Return the columns of a file in their order. Raises `pyarrow.ArrowException`."""
    schema = footer.schema.to_arrow_schema()
    leaves = iter([footer.schema.column(number) for number in range(len(footer.schema))])
    return tuple(_column(field, leaves) for field in schema)


def settled(kind: pa.DataType) -> pa.DataType:
    """Return the type in which the column is profiled: equal for what Spark reads as one type."""
    return _mapped(kind, _settled)


def _settled(leaf: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(leaf):
        return pa.timestamp("us", "UTC" if leaf.tz else None)
    if pa.types.is_large_string(leaf) or pa.types.is_string_view(leaf):
        return pa.string()
    if pa.types.is_binary_view(leaf) or pa.types.is_large_binary(leaf):
        return pa.binary()
    if pa.types.is_fixed_size_binary(leaf):
        return pa.binary()
    if pa.types.is_uint64(leaf):
        return pa.decimal128(20)
    if pa.types.is_duration(leaf):
        return pa.int64()
    return leaf


def _column(field: pa.Field, leaves: Iterator[Any]) -> Column:
    own = [next(leaves) for _ in _leaves(field.type)]
    reasons = [reason for leaf in own if (reason := _unread(leaf)) is not None]
    kind = field.type
    if any(leaf.physical_type == "INT96" for leaf in own):
        kind = _mapped(kind, _of_int96)
    return Column(field.name, kind, reasons[0] if reasons else None)


def _of_int96(leaf: pa.DataType) -> pa.DataType:
    return pa.timestamp("us", "UTC") if pa.types.is_timestamp(leaf) else leaf


def _unread(leaf: Any) -> str | None:
    kind = leaf.logical_type.type
    if kind in _UNREAD:
        return file_errors.unread_type(_UNREAD[kind])
    if kind == "DECIMAL" and leaf.precision > _MOST_DIGITS:
        return file_errors.unread_type(f"decimal of {leaf.precision} digits")
    return None


def _leaves(kind: pa.DataType) -> Iterator[pa.DataType]:
    """Yield the types of the parts that parquet stores apart."""
    if isinstance(kind, pa.BaseExtensionType):
        yield from _leaves(kind.storage_type)
    elif pa.types.is_dictionary(kind):
        yield from _leaves(kind.value_type)
    elif not pa.types.is_nested(kind):
        yield kind
    else:
        for number in range(kind.num_fields):
            yield from _leaves(kind.field(number).type)


def _mapped(kind: pa.DataType, leaf: Callable[[pa.DataType], pa.DataType]) -> pa.DataType:
    """Return a type with each of its parts as `leaf` returns it, and nothing encoded."""
    if isinstance(kind, pa.BaseExtensionType):
        return _mapped(kind.storage_type, leaf)
    if pa.types.is_dictionary(kind):
        return _mapped(kind.value_type, leaf)
    if pa.types.is_map(kind):
        return pa.map_(_mapped(kind.key_type, leaf), _mapped(kind.item_type, leaf))
    if pa.types.is_struct(kind):
        fields = [kind.field(number) for number in range(kind.num_fields)]
        return pa.struct([(field.name, _mapped(field.type, leaf)) for field in fields])
    if pa.types.is_nested(kind):
        return pa.list_(_mapped(kind.value_type, leaf))
    return leaf(kind)
