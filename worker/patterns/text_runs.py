"""The runs of texts: of digits, of capital and of small letters, and single other characters."""

import string

import numpy as np
import pyarrow as pa

__all__ = ["CLASSES", "names_of_runs"]

CLASSES = {"0": "[0-9]", "A": "[A-Z]", "a": "[a-z]"}
"""What each character of a run is, by the character that stands for the run."""
_OF_RUNS = (string.digits + string.ascii_uppercase + string.ascii_lowercase).encode()
_NAMES = bytes.maketrans(_OF_RUNS, b"0" * 10 + b"A" * 26 + b"a" * 26)
_IS_OF_RUN = bytes(one in _OF_RUNS for one in range(256))


def names_of_runs(texts: pa.StringArray) -> pa.StringArray:
    """Return each text with one character in place of each run: `A-0` for `K-004711`.

    There is no null among them. It is done with all texts at once, as the bytes that they are
    stored in: to have Arrow replace one class after the other takes ten times as long.
    """
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset :][: len(texts) + 1]
    stored = data[int(ends[0]) : int(ends[-1])].to_pybytes() if data else b""
    ends = ends - ends[0]
    names = np.frombuffer(stored.translate(_NAMES), dtype=np.uint8)
    is_of_run = np.frombuffer(stored.translate(_IS_OF_RUN), dtype=bool)
    begins = np.ones(len(names) + 1, dtype=bool)
    begins[1:-1] = (names[1:] != names[:-1]) | ~is_of_run[1:]
    begins[ends] = True
    kept = begins[:-1]
    until = np.zeros(len(names) + 1, dtype=np.int32)
    np.cumsum(kept, dtype=np.int32, out=until[1:])
    return pa.StringArray.from_buffers(
        len(texts), pa.py_buffer(until[ends]), pa.py_buffer(names[kept])
    )
