"""Files below the folders that the operator has opened: nothing else, by no link.

Each look at a file system may hang, so all of this runs in a thread that can be left behind.
"""

import errno
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from worker.tables import errors, file_errors
from worker.tables.folder_parts import parts_of
from worker.tables.folder_walk import TooManyEntries, walk
from worker.tables.options import TableOptions
from worker.tables.table_types import FileTable, file_format

__all__ = ["resolve_file"]

# What a file system reports that can't reach its storage.
_PASSING = frozenset(
    {
        errno.ECONNABORTED,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.EIO,
        errno.ENOTCONN,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)


def resolve_file(
    name: str, shown: str, options: TableOptions, stopped: threading.Event
) -> FileTable:
    """Return the file or folder that the path `name` means; `shown` is its form for messages.

    Gives up when `stopped`. Raises `TableError` if the path does not lie below a root, with every
    link resolved, or can't be read as a table, and `TableUnavailable` if that may pass.
    """
    if not options.files:
        raise file_errors.path_elsewhere(shown)
    if not options.roots:
        raise file_errors.no_roots(shown)
    try:
        path = _existing(name, shown, options.roots)
        if path.is_dir():
            parts = parts_of(path, _files(path, shown, options, stopped), shown)
            return FileTable(path, parts.format, parts.files, parts.empty, parts.others)
        if not path.is_file():
            raise file_errors.no_file(shown)
    except PermissionError as error:
        raise file_errors.no_permission(shown) from error
    except InterruptedError as error:
        raise errors.may_pass("folder", shown, "interrupted") from error
    except TooManyEntries as error:
        raise file_errors.too_many_files(shown, options.max_files) from error
    # A loop of links (RuntimeError before Python 3.13), a name that is too long.
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno in _PASSING:
            raise errors.may_pass("file", shown, os.strerror(error.errno)) from error
        raise file_errors.not_followed(shown) from error
    if not os.access(path, os.R_OK):
        raise file_errors.no_permission(shown)
    if (kind := file_format(path)) is None:
        raise file_errors.unknown_format(shown)
    return FileTable(path, kind)


def _existing(name: str, shown: str, roots: Sequence[Path]) -> Path:
    """Return the resolved path of `name`; no error depends on what lies outside the roots."""
    candidates = [Path(name)] if Path(name).is_absolute() else [root / name for root in roots]
    refused = file_errors.outside_roots(shown)
    for candidate in candidates:
        path = candidate.resolve()
        root = _root_of(path, roots)
        if root is None:
            continue
        if path == root:
            raise file_errors.whole_root(shown)
        if path.exists():
            return path
        refused = errors.not_found("file", shown)
    raise refused


def _root_of(path: Path, roots: Sequence[Path]) -> Path | None:
    """Return the root that holds `path`, which is resolved, or is it; None if there is none.

    The roots are looked at only if their names do not decide: one whose file system hangs holds
    up no file of another.
    """
    by_name = _holder(path, roots)
    return by_name or _holder(path, (root.resolve() for root in roots))


def _holder(path: Path, roots: Iterable[Path]) -> Path | None:
    return next((root for root in roots if path.is_relative_to(root)), None)


def _files(
    folder: Path, shown: str, options: TableOptions, stopped: threading.Event
) -> Iterator[tuple[Path, int]]:
    """Yield all files in `folder`, with the bytes of those that may be parts of a table.

    Nothing outside the roots is looked into. Raises `TableError` unless all may be read.
    """
    if not os.access(folder, os.R_OK):
        raise file_errors.no_permission(shown)
    for entry in walk(folder, options.max_files, stopped):
        if entry.linked and _root_of(entry.path, options.roots) is None:
            raise file_errors.outside_roots(shown)
        if not (entry.is_folder or entry.is_file):
            raise file_errors.odd_entry(shown)
        if not os.access(entry.path, os.R_OK):
            raise file_errors.no_permission(shown)
        if entry.is_file:
            yield entry.path, entry.path.stat().st_size if file_format(entry.path) else 0
