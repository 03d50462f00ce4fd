"""The memory of a worker: its processes, together."""

from contextlib import suppress

import psutil

__all__ = ["MB", "sizes_of"]

MB = 1_000_000


def sizes_of(pid: int) -> dict[str, int]:
    """Return the bytes of a process and its children by name: what they share is counted once."""
    sizes: dict[str, int] = {}
    process = psutil.Process(pid)
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            sizes[one.name()] = sizes.get(one.name(), 0) + one.memory_full_info().pss
    return sizes
