"""A file system that does not answer: a FUSE mount whose other side reads nothing.

Every look into it waits as at a file server that is gone, until it is released.
"""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["hanging_folder"]

_DETACH = 2


@contextmanager
def hanging_folder(folder: Path) -> Iterator[Callable[[], None]]:
    """Have every look into `folder` hang; yield what ends that, as does the end of the block.

    The test is skipped if this machine lets it mount nothing.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        pytest.skip(f"no FUSE: {error}")
    released = False

    def release() -> None:
        nonlocal released
        if not released:
            released = True
            os.close(device)

    options = f"fd={device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
    folder.mkdir(exist_ok=True)
    place = os.fsencode(folder)
    if libc.mount(b"hanging", place, b"fuse", 0, options.encode()):
        release()
        pytest.skip(f"no mount: {os.strerror(ctypes.get_errno())}")
    try:
        yield release
    finally:
        release()
        libc.umount2(place, _DETACH)
