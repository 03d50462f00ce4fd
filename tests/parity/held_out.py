"""The rows that a sample holds out, whichever way it has them."""

import pyarrow as pa

from worker.counting.spark.drawn_again import AGAIN, MARK, column_of
from worker.sampling.sample import Sample

__all__ = ["others_of"]


def others_of(sample: Sample) -> pa.Table | None:
    """Return the rows that checks are tried on beside the sample's."""
    if sample.others is None:
        return None
    if sample.others.rows is not None:
        return sample.others.rows
    frame = sample.others.frame
    assert frame is not None
    if AGAIN in frame.columns:
        frame = frame.where(~column_of(AGAIN)).drop(AGAIN, MARK)
    return frame.toArrow()
