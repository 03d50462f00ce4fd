"""Counts what is in work in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

__all__ = ["RunWork", "WorkInProgress"]


@dataclass(slots=True)
class RunWork:
    """How far one attempt at a run is."""

    tables_total: int = 0
    tables_done: int = 0
    rows: int = 0
    """Rows that were profiled."""


@dataclass(frozen=True, slots=True)
class WorkInProgress:
    """The runs that are in work, by the token of their lease."""

    runs: dict[UUID, RunWork] = field(default_factory=dict)

    @contextmanager
    def counting(self, token: UUID) -> Iterator[None]:
        """Count a run while the block runs."""
        self.runs[token] = RunWork()
        try:
            yield
        finally:
            del self.runs[token]

    def total(self) -> RunWork:
        """Return what all runs come to together."""
        runs = self.runs.values()
        return RunWork(
            tables_total=sum(one.tables_total for one in runs),
            tables_done=sum(one.tables_done for one in runs),
            rows=sum(one.rows for one in runs),
        )
