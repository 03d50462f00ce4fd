"""The values of one column, as kinds, estimates and the judge look at them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["Column"]


@dataclass(frozen=True)
class Column:
    """A column of the rows that were fetched; a field of a struct is a column, too."""

    path: str
    """As a candidate's."""
    values: pa.Array
    """A value for each row, nulls among them."""
    logical_type: str | None = None
    """What the data contract says that the column holds, in ODCS's words; None if it is silent."""

    @cached_property
    def present(self) -> pa.Array:
        """The values that are there."""
        return self.values.drop_null()

    @cached_property
    def counts(self) -> tuple[pa.Array, NDArray[np.int64]]:
        """The different values and how often each occurs, the most frequent first."""
        counted = pc.value_counts(self.present)
        order = np.argsort(-counted.field("counts").to_numpy(), kind="stable")
        counted = counted.take(pa.array(order))
        return counted.field("values"), counted.field("counts").to_numpy()

    @property
    def distinct(self) -> int:
        """The number of different values."""
        return len(self.counts[1])
