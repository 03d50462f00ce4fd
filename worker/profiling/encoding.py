"""Whether a text file is UTF-8: Spark would read another encoding without a word, and wrongly."""

import codecs
import gzip
import threading
from pathlib import Path

__all__ = ["is_utf8"]

_CHUNK = 1 << 20


def is_utf8(path: Path, stopped: threading.Event | None = None) -> bool:
    """Read the file, unpacked where it ends in `.gz`, and tell whether it is UTF-8 text.

    Raises `InterruptedError` when `stopped` is set.
    """
    decode = codecs.getincrementaldecoder("utf-8")().decode
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
        try:
            while chunk := stream.read(_CHUNK):
                if stopped is not None and stopped.is_set():
                    raise InterruptedError
                decode(chunk)
            decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
