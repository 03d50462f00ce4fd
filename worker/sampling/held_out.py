"""Fetches held-out rows that were left undrawn, beside the sample's own, drawn once more."""

from collections.abc import Iterable
from dataclasses import replace

from worker.counting.spark.drawn_again import AGAIN, MARK, column_of
from worker.sampling.fetch_rows import fetch
from worker.sampling.random_rows import Others, most_held_out
from worker.sampling.sample import Sample

__all__ = ["fetch_others"]

_FLAG_AND_MARK = 16
"""Bytes."""


def fetch_others(
    others: Others, sample: Sample, columns: Iterable[str], most_bytes: int
) -> Others | None:
    """Fetch these columns of the others; None if some rows are too large for one action.

    They have changed, and no rows, if those of the sample, drawn once more, are not the same.
    Blocks. Raises Spark's errors.
    """
    import numpy as np
    import pyarrow.compute as pc

    frame, mark = others.frame, others.mark
    if frame is None or mark is None or others.large:
        return None
    columns = list(columns)
    most_rows = mark.rows + most_held_out(sample.facts)
    chosen = frame.select(*map(column_of, (*columns, AGAIN, MARK))).limit(most_rows)
    # As much as for the sample, for either kind, and the two columns beside the values.
    most_bytes = 2 * (most_bytes + _FLAG_AND_MARK * mark.rows)
    drawn = fetch(chosen, most_rows, most_bytes, in_one_action=True).rows
    if drawn is None:
        return None
    again = drawn.filter(drawn[AGAIN])
    marks = again[MARK].to_numpy()
    if (len(marks), int(np.bitwise_xor.reduce(marks))) != (mark.rows, mark.mark):
        return replace(others, changed=True)
    rows = drawn.filter(pc.invert(drawn[AGAIN])).select(columns)
    return replace(others, rows=rows, cut=drawn.num_rows >= most_rows)
