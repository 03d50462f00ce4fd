"""The bytes of a CSV file, unpacked, and whether they are the text that they should be."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from worker.tables import errors, file_errors

__all__ = ["TextStream", "opened"]


class TextStream(io.RawIOBase):
    """A binary stream that finds out, while it is read, whether it is UTF-8 and closes its quotes.

    PyArrow reports the first only in a message that may hold a cell, and the second not at all.
    """

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._quotes = 0
        self.is_utf8 = True

    @property
    def open_quote(self) -> bool:
        """Whether the number of quotes that were read is odd."""
        return self._quotes % 2 == 1

    def readable(self) -> bool:
        """Return True, for those who ask."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes."""
        chunk = self._stream.read(size)
        self._quotes += chunk.count(b'"')
        self.text(chunk, final=not chunk)
        return chunk

    def text(self, chunk: bytes, *, final: bool) -> str:
        """Return the text of bytes, nothing of those that are none."""
        try:
            return self._decode(chunk, final)
        except UnicodeDecodeError:
            self.is_utf8 = False
            return ""


@contextmanager
def opened(path: Path, shown: str) -> Iterator[TextStream]:
    """Open a file, unpacked if its name ends in `.gz`. Raises `TableError` if that fails."""
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            yield TextStream(cast("BinaryIO", stream))
    except FileNotFoundError as error:
        raise errors.not_found("file", shown) from error
    except PermissionError as error:
        raise file_errors.no_permission(shown) from error
    except EOFError as error:
        raise file_errors.cut_off(shown) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise file_errors.not_unpacked(shown) from error
