"""The values of labels. All of them are known, so that each series is there from the start at 0."""

from enum import StrEnum

__all__ = ["AttemptOutcome", "Reason", "RescueCause", "Step", "TableOutcome"]


class AttemptOutcome(StrEnum):
    """How an attempt ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    GIVEN_BACK = "given_back"
    TAKEN_AWAY = "taken_away"
    """Another worker holds the run, or another program changed or deleted its row."""
    STUCK = "stuck"
    """Postgres refuses every end of the run."""
    ABANDONED = "abandoned"
    """The attempt ended without a final write: its lease expires."""


class Reason(StrEnum):
    """Why a run ended as it did."""

    PROFILED = "profiled"
    """Every table was profiled."""
    REQUEST = "request"
    """The request can't be worked on."""
    TABLES = "tables"
    """At least one table failed."""
    ENGINE = "engine"
    """Spark could not be started or reached."""
    DEADLINE = "deadline"
    """The run was in work for longer than a run may be."""
    STOPPED = "stopped"
    """The process of a job was stopped."""
    CANCELLED = "cancelled"
    """An operator cancelled the run."""
    ATTEMPTS = "attempts"
    """The run's workers died or were cut off, and no attempt is left."""
    DATABASE = "database"
    """Postgres refused a write of the run."""
    DEFECT = "defect"
    """The worker met an error of its own."""

    @property
    def status(self) -> str:
        """The run's status, unless the backend knows `cancelled`."""
        return "completed" if self is Reason.PROFILED else "failed"


class TableOutcome(StrEnum):
    """How the work on a table ended."""

    PROFILED = "profiled"
    FAILED = "failed"
    UNFINISHED = "unfinished"
    """A temporary cause prevented it twice in a row."""


class RescueCause(StrEnum):
    """Why a run was taken over."""

    SILENT = "silent"
    """Its worker died, froze or lost the database while this one did not."""
    OUTAGE = "outage"
    """An outage of the database cut its worker off."""


class Step(StrEnum):
    """A part of the work on a table."""

    SAMPLE = "sample"
    PROFILE = "profile"
    JUDGE = "judge"
    WRITE = "write"
