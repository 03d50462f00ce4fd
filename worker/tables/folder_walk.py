"""A bounded walk through a folder: one entry at a time, none of them kept."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Entry", "TooManyEntries", "walk"]


class TooManyEntries(Exception):
    """A folder holds more entries than a walk may look at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, a folder or something else, at its path with every link resolved."""

    path: Path
    linked: bool
    """Whether a link led to it: it may lie anywhere."""
    is_folder: bool
    is_file: bool


def walk(folder: Path, most: int, stopped: threading.Event) -> Iterator[Entry]:
    """Yield what lies in `folder` and in the folders below it, links followed.

    A folder is opened only after it was yielded, and once, whatever links lead to it. Raises
    `TooManyEntries` after `most` entries, `InterruptedError` when `stopped` is set, `OSError`, and
    `RuntimeError` for a loop of links.
    """
    folders, seen, found = [folder], {folder}, 0
    while folders:
        with os.scandir(folders.pop()) as entries:
            for raw in entries:
                if stopped.is_set():
                    raise InterruptedError
                found += 1
                if found > most:
                    raise TooManyEntries
                entry = _entry(raw)
                yield entry
                if entry.is_folder and entry.path not in seen:
                    seen.add(entry.path)
                    folders.append(entry.path)


def _entry(raw: "os.DirEntry[str]") -> Entry:
    path = Path(raw.path)
    if not raw.is_symlink():
        # The directory says what it is: that takes no look at the entry itself.
        return Entry(path, linked=False, is_folder=raw.is_dir(), is_file=raw.is_file())
    target = path.resolve()
    return Entry(target, linked=True, is_folder=target.is_dir(), is_file=target.is_file())
