"""The steps of the work on a table, each measured and traced."""

from collections.abc import Iterator
from contextlib import contextmanager

from worker.metrics.instruments import TABLE_PHASE
from worker.metrics.labels import Step
from worker.tracing.spans import span

__all__ = ["step"]


@contextmanager
def step(name: Step) -> Iterator[None]:
    """Measure and trace the block as this step."""
    with TABLE_PHASE.labels(name).time(), span(name):
        yield
