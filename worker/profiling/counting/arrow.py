"""Counts the columns of rows that were fetched as Arrow."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from databricks.labs.dqx.profiler.profiler import DQProfiler
from numpy.typing import NDArray
from pyspark.sql.types import (
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    LongType,
    NumericType,
    StringType,
    StructField,
    TimestampNTZType,
    TimestampType,
)

from worker.profiling.counting.arithmetic import means, ranks_of, stddevs
from worker.profiling.counting.column import CountedTable, Number, Spread
from worker.profiling.counting.numerals import as_double, decimal_mean, distance, fits, plain
from worker.profiling.counting.stand_in import UnknownCall

__all__ = ["ArrowColumn", "Render", "count_rows"]

Floats = NDArray[np.float64]

Render = Callable[[Sequence[float], Sequence[float]], tuple[list[str], list[str]]]
"""Spark's own text of doubles, and of floats."""

SUMMARY = ("count", "mean", "stddev", "min", "25%", "50%", "75%", "max")
"""The rows of `DataFrame.summary()`."""

_SORTED = 1_000
"""Distinct values: a rule that lists more is for no one to read."""
_QUARTILES = (0.25, 0.5, 0.75)
_DAY = 86_400
_MICROSECONDS = 1_000_000.0
_GREATEST_LONG = 2**63 - 1
# Integers below, and powers of ten up to, which doubles hold without rounding.
_EXACT, _EXACT_POWER = 2**53, 22
# What Arrow reads as Java does, and how all begins that may be read as a number.
_PLAIN_NUMBER = r"^-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$"
_PERHAPS_A_NUMBER = r"^[\x00-\x20]*[-+.0-9iInN]"


def count_rows(
    rows: pa.Table, fields: Sequence[StructField], render: Render, *, trim: bool
) -> CountedTable:
    """Count every column in `fields`, the schema of these rows in Spark.

    Raises `UnknownCall` where a column holds what only Spark can count.
    """
    try:
        rows.validate(full=True)
    except pa.ArrowInvalid as error:
        # Spark casts any bytes to text, and reads them from files.
        raise UnknownCall("text that is not UTF-8") from error
    columns = {
        field.name: [
            (one, ArrowColumn(_leaf(rows, _path(field, one)), one.dataType, trim=trim))
            for one in DQProfiler.get_columns_or_fields([field])
        ]
        for field in fields
    }
    _fill_stddevs([counts for parts in columns.values() for _, counts in parts])
    summarized = {
        field.name: columns[field.name][0][1]
        for field in fields
        if isinstance(field.dataType, NumericType | StringType)
    }
    return CountedTable(rows.num_rows, columns, list(_summarize(summarized, render)))


def _path(column: StructField, field: StructField) -> list[str]:
    return [column.name] if field.name == column.name else field.name.split(".")


def _leaf(rows: pa.Table, path: Sequence[str]) -> pa.Array:
    """Return a column, or a field of a struct: NULL where the struct is."""
    values = rows.column(path[0]).combine_chunks()
    for name in path[1:]:
        values = pc.struct_field(values, name)
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


class ArrowColumn:
    """The counts of a column; each is made when it is first asked for."""

    def __init__(self, values: pa.Array, kind: DataType, *, trim: bool) -> None:
        self.kind = kind
        self._values = values.drop_null()
        self._trim = trim
        self.stddev: float | None = None
        """Of `numbers` for a summary, of `moments` for dates; the table fills it in."""

    # What DQX's profiler counts of a column by itself.

    @property
    def counts(self) -> dict[str, int]:
        """The metrics that DQX's profiler aggregates of every column."""
        return {
            "count_non_null": len(self._present),
            "empty_count": self._empty,
            "count_distinct": self._distinct_count,
        }

    @cached_property
    def _present(self) -> pa.Array:
        if isinstance(self.kind, FloatType | DoubleType):
            return self._values.filter(pc.invert(pc.is_nan(self._values)))
        if isinstance(self.kind, StringType) and self._trim:
            return pc.utf8_trim(self._values, characters=" ")
        return self._values

    @cached_property
    def _encoded(self) -> pa.DictionaryArray:
        """Text with each distinct one once."""
        return self._present.dictionary_encode()

    @property
    def _empty(self) -> int:
        if not isinstance(self.kind, StringType):
            return 0
        where = pc.index(self._encoded.dictionary, "").as_py()
        if where < 0:
            return 0
        return int(pc.sum(pc.equal(self._encoded.indices, where)).as_py() or 0)

    @property
    def _distinct_count(self) -> int:
        if isinstance(self.kind, StringType):
            return len(self._encoded.dictionary)
        if isinstance(self.kind, FloatType | DoubleType):
            return len(np.unique(self._present.to_numpy()))
        if pa.types.is_nested(self._present.type):
            return len({_hashable(value) for value in _in_python(self._present)})
        return int(pc.count_distinct(self._present).as_py())

    # What builders ask of it.

    def distinct(self) -> Sequence[Any]:
        """Return the distinct values; sorted, if they may become a rule."""
        text = isinstance(self.kind, StringType)
        values = self._encoded.dictionary if text else pc.unique(self._present)
        if len(values) <= _SORTED:
            values = values.take(pc.array_sort_indices(values))
        found: list[Any] = values.to_pylist()
        return found

    def seconds(self) -> Spread:
        """Return the spread of a date or timestamp."""
        moments = self.moments
        if not len(moments):
            return Spread(None, None, None, None)
        low, high = moments.min(), moments.max()
        if isinstance(self.kind, DateType):
            low, high = int(low), int(high)
        return Spread(low, high, means([moments])[0], self.stddev)

    @cached_property
    def moments(self) -> Floats:
        """The seconds since 1970 of dates and timestamps, else nothing."""
        if isinstance(self.kind, DateType):
            return _floats(self._values.cast(pa.int32())) * _DAY
        if isinstance(self.kind, TimestampType | TimestampNTZType):
            return _floats(self._values.cast(pa.int64())) / _MICROSECONDS
        return np.zeros(0)

    def bounds(self) -> tuple[Any, Any]:
        """Return the least and the greatest value as Spark collects them."""
        low, high = self._bounds
        if isinstance(low, Decimal):
            # As Java writes decimals for Python: that of 2E-11 is 20E-12.
            return Decimal(low.to_eng_string()), Decimal(high.to_eng_string())
        return low, high

    @cached_property
    def _bounds(self) -> tuple[Any, Any]:
        if not len(self._present):
            return None, None
        if isinstance(self.kind, FloatType | DoubleType):
            # The first of zeros, whatever their signs are.
            numbers = self._finite
            return float(numbers[np.argmin(numbers)]), float(numbers[np.argmax(numbers)])
        found = pc.min_max(self._present)
        low, high = _in_python(pa.array([found["min"], found["max"]], self._present.type))
        return low, high

    def median(self) -> Number | None:
        """Return the middle one of a number's values."""
        return self._typed(self._middle)

    @cached_property
    def _middle(self) -> float | None:
        return _percentiles(self._finite, (0.5,))[0]

    def _typed(self, value: float | None) -> Number | None:
        if value is None:
            return None
        if isinstance(self.kind, IntegralType):
            return _integer(value)
        if isinstance(self.kind, DecimalType):
            return Decimal(repr(value))
        return value

    def deviation(self) -> Number | None:
        """Return the middle one of the distances to the median."""
        centre = self.median()
        if centre is None:
            return None
        if isinstance(self.kind, DecimalType) and isinstance(centre, Decimal):
            if not fits(self.kind, centre):
                raise UnknownCall("distances of more digits than a decimal's")
            distances = np.array([distance(one, centre) for one in self._values.to_pylist()])
            return _percentiles(distances, (0.5,))[0]
        if not isinstance(self.kind, IntegralType):
            with np.errstate(all="ignore"):
                distances = np.abs(self._finite - float(centre))
            return _percentiles(distances, (0.5,))[0]
        low, high = self._bounds
        if max(centre - low, high - centre) >= 2 ** (63 if isinstance(self.kind, LongType) else 31):
            # Spark raises on what its integers can't hold.
            raise UnknownCall("distances beyond an integer")
        distances = np.abs(self._present.to_numpy().astype(np.int64) - int(centre))
        return _integer(_percentiles(distances.astype(np.float64), (0.5,))[0] or 0)

    def outside(self, low: float, high: float) -> int:
        """Return how many values lie outside of the bounds."""
        if math.isnan(low):
            # In Spark NaN is greater than any number, and these have none among them.
            return len(self._finite)
        return int(np.count_nonzero((self._finite < low) | (self._finite > high)))

    @cached_property
    def _finite(self) -> Floats:
        return _doubles(self._present, self.kind)

    # What `DataFrame.summary()` counts of it.

    @cached_property
    def numbers(self) -> Floats:
        """The numbers of a numeric column, NaN among them, and those that a text reads as."""
        if not isinstance(self.kind, StringType):
            return _doubles(self._values, self.kind)
        known, doubles = _read(self._encoded.dictionary)
        if not known.any():
            return doubles[:0]
        indices = self._encoded.indices.to_numpy()
        found: Floats = doubles[indices[known[indices]]]
        return found

    def extremes(self) -> tuple[Any, Any]:
        """Return the first of the least and of the greatest numbers; NaN is greater than any."""
        if not len(self._values):
            return None, None
        low, high = self._bounds
        missing = len(self._values) > len(self._present)
        return (math.nan if low is None else low), (math.nan if missing else high)

    def mean_text(self) -> str | None:
        """Return the mean as `summary()` writes it, read back the same."""
        if isinstance(self.kind, DecimalType) and len(self._values):
            try:
                return format(decimal_mean(_unscaled(self._values), self.kind), "f")
            except OverflowError as error:
                raise UnknownCall("a mean beyond its type") from error
        mean = means([self.numbers])[0]
        return None if mean is None else repr(mean)

    @property
    def size(self) -> int:
        """How many values there are, NaN among them."""
        return len(self._values)


def _summarize(
    columns: Mapping[str, ArrowColumn], render: Render
) -> Iterator[Mapping[str, str | None]]:
    """Yield the rows of `DataFrame.summary()` over these columns, of numbers and of text.

    The text of least and greatest texts is left out: DQX drops it.
    """
    quartiles = {name: _percentiles(one.numbers, _QUARTILES) for name, one in columns.items()}
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
                return str(_integer(value) if quartile else value)
        return repr(value)

    by_column = {}
    for name, one in columns.items():
        low, high = extremes[name]
        stddev = one.stddev
        by_column[name] = (
            str(one.size),
            one.mean_text(),
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


def _doubles(values: pa.Array, kind: DataType) -> Floats:
    """Return numbers as Spark's cast to double gives them."""
    if not isinstance(kind, DecimalType):
        return _floats(values)
    low, high = _words(values)
    exactly = (high == low >> 63) & (low > -_EXACT) & (low < _EXACT)
    if kind.scale <= _EXACT_POWER and exactly.all():
        exact: Floats = low / 10.0**kind.scale
        return exact
    # Python rounds the quotient of two integers once, as Java does that of a decimal.
    return np.array([one / 10**kind.scale for one in _unscaled(values)], dtype=np.float64)


def _words(values: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the lower and the upper halves of decimals of 128 bits."""
    words = np.frombuffer(values.buffers()[1] or b"", dtype=np.int64)
    words = words[2 * values.offset : 2 * (values.offset + len(values))]
    return words[::2], words[1::2]


def _unscaled(values: pa.Array) -> list[int]:
    """Return decimals of 128 bits without their points."""
    low, high = _words(values)
    if (high == low >> 63).all():
        small: list[int] = low.tolist()
        return small
    halves = zip(low.view(np.uint64).tolist(), high.tolist(), strict=True)
    return [(upper << 64) + lower for lower, upper in halves]


def _read(texts: pa.Array) -> tuple[NDArray[np.bool_], Floats]:
    """Return which texts Spark reads as numbers, and the numbers."""
    known, doubles = np.zeros(len(texts), dtype=np.bool_), np.zeros(len(texts))
    perhaps = pc.match_substring_regex(texts, _PERHAPS_A_NUMBER).to_numpy(zero_copy_only=False)
    if not perhaps.any():
        return known, doubles
    plain = pc.match_substring_regex(texts, _PLAIN_NUMBER).to_numpy(zero_copy_only=False)
    known[plain] = True
    doubles[plain] = texts.filter(pa.array(plain)).cast(pa.float64()).to_numpy()
    for index in np.flatnonzero(perhaps & ~plain):
        number = as_double(texts[int(index)].as_py())
        if number is not None:
            known[index], doubles[index] = True, number
    return known, doubles


def _floats(values: pa.Array) -> Floats:
    floats: Floats = values.to_numpy(zero_copy_only=False).astype(np.float64)
    return floats


def _percentiles(numbers: Floats, percentages: tuple[float, ...]) -> list[float | None]:
    if not len(numbers):
        return [None] * len(percentages)
    ordered = np.sort(numbers)
    if not numbers.all():
        # Java sorts negative zeros before the others.
        first, last = np.searchsorted(ordered, 0.0, "left"), np.searchsorted(ordered, 0.0, "right")
        zeros = ordered[first:last]
        zeros[:] = zeros[np.argsort(~np.signbit(zeros), kind="stable")]
    return [float(ordered[rank]) for rank in ranks_of(percentages, len(numbers))]


def _integer(value: float) -> int:
    """Return what Java makes of a number beyond the greatest long: that one."""
    return min(int(value), _GREATEST_LONG)


def _in_python(values: pa.Array) -> list[Any]:
    try:
        found: list[Any] = values.to_pylist()
    except (OverflowError, ValueError) as error:
        raise UnknownCall("dates beyond Python's") from error
    return found


def _hashable(value: Any) -> Any:
    """Return a nested value so that those are equal that Spark holds for equal."""
    match value:
        case dict():
            return tuple(_hashable(one) for one in value.values())
        # A map: its keys come in any order, and in a file a key may come twice.
        case [tuple(), *_]:
            pairs: dict[Any, tuple[Any, ...]] = {}
            for name, one in value:
                key = _hashable(name)
                pairs[key] = (*pairs.get(key, ()), _hashable(one))
            return frozenset(pairs.items())
        case list():
            return tuple(_hashable(one) for one in value)
        case float() if math.isnan(value):
            return "NaN", None
    return value
