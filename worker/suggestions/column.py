"""The values of one column, as kinds, estimates and the judge look at them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["Column", "Flags"]

Flags = NDArray[np.bool_]
"""A boolean for each row."""
_INT = pa.int64()


@dataclass(frozen=True)
class Column:
    """A column of the rows that were fetched; a field of a struct is a column, too."""

    path: str
    """As a candidate's."""
    values: pa.Array
    """A value for each row, nulls among them."""
    logical_type: str | None = None
    """What the data contract says that the column holds, in ODCS's words; None if it is silent."""

    @property
    def rows(self) -> int:
        """The number of rows, those without a value among them."""
        return len(self.values)

    @cached_property
    def present(self) -> pa.Array:
        """The values that are there."""
        return self.values.drop_null()

    @cached_property
    def filled(self) -> Flags:
        """Whether a row has a value."""
        flags: Flags = self.values.is_valid().to_numpy(zero_copy_only=False)
        return flags

    @cached_property
    def counts(self) -> tuple[pa.Array, NDArray[np.int64]]:
        """The different values and how often each occurs, the most frequent first."""
        codes = self.codes
        counted = np.bincount(codes[codes >= 0], minlength=len(self._encoded.dictionary))
        order = np.argsort(-counted, kind="stable")
        return self._encoded.dictionary.take(pa.array(order)), counted[order]

    @property
    def distinct(self) -> int:
        """The number of different values."""
        return len(self._encoded.dictionary)

    @cached_property
    def different(self) -> pa.Array:
        """The different values, each once: the number of a value is its place here."""
        return self._encoded.dictionary

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """For each row the number of its value in `different`; -1 if it has none."""
        codes: NDArray[np.int64] = self._encoded.indices.fill_null(-1).cast(_INT).to_numpy()
        return codes

    @cached_property
    def _encoded(self) -> pa.DictionaryArray:
        return pc.dictionary_encode(self.values)

    @cached_property
    def numbers(self) -> NDArray[np.float64] | None:
        """For each row its number, NaN if it has none; None if the column holds no numbers.

        Days and microseconds since 1970 are the numbers of dates and moments.
        """
        kind, values = self.values.type, self.values
        if pa.types.is_date32(kind):
            values = values.cast(pa.int32())
        elif pa.types.is_timestamp(kind):
            values = values.cast(pa.timestamp("us", kind.tz)).cast(_INT)
        elif not (
            pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        ):
            return None
        numbers: NDArray[np.float64] = (
            values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False).astype(np.float64)
        )
        return numbers
