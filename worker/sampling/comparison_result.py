"""What a comparison with stock DQX at the start has shown, for as long as the process runs."""

from dataclasses import dataclass

from worker.sampling.dqx_registries import Registered, registered

__all__ = ["NOT_COMPARED", "Installed", "Verdict", "installed"]


@dataclass(frozen=True, slots=True)
class Installed:
    """What has to stay as it is for a verdict to hold."""

    dqx: str
    spark: str
    registered: Registered


def installed(dqx: str, spark: str) -> Installed:
    """Return these versions with the builders and metrics that DQX has now. Imports DQX."""
    return Installed(dqx, spark, registered())


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the worker's own counts equal those of stock DQX on the built-in table."""

    of: Installed | None = None
    """What was compared; None if there was no need to compare anything."""
    difference: str | None = None
    """Why stock DQX counts every table: what differs, or why nothing could be compared."""
    left: str | None = None
    """Which of the built-in columns only stock DQX can count, and why, if there are any."""

    @property
    def note(self) -> str | None:
        """What makes profiling slow in this process; None if nothing that was compared does."""
        return self.difference or self.left


NOT_COMPARED = Verdict()
"""The verdict of a process that has compared nothing: what is unknown is left to stock DQX."""
