"""What a step of the doctor has found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from worker.telemetry.cures import cures

__all__ = ["Status", "StepFailed", "StepReport", "StepResult", "StepSkipped", "needs"]


class Status(StrEnum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step that went well saw: a line for people, facts for programs, and remarks.

    A remark is something to know or to mend that does not keep a worker from working.
    """

    said: str
    detail: Mapping[str, object] = field(default_factory=dict)
    remarks: Sequence[str] = ()


class StepSkipped(Exception):
    """A step has nothing to look at, for the reason that is the message."""


def needs(step: str) -> StepSkipped:
    """Return that a step is left out because another one did not go well."""
    return StepSkipped(f"skipped, as it needs the step '{step}'")


class StepFailed(Exception):
    """A step met `error`, reported in its own words or as `said`; `hints` say what to do.

    The cure that the error carries is one more of them, unless they say it better: `enough`.
    """

    def __init__(
        self,
        error: Exception,
        hints: Sequence[str] = (),
        detail: Mapping[str, object] | None = None,
        *,
        said: str | None = None,
        enough: bool = False,
    ) -> None:
        super().__init__(said or str(error))
        self.error = error
        self.hints = [*hints] if enough and hints else [*hints, *cures(error)]
        self.detail = detail or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """A step with its end. `error` is what would stop a worker here; its kind is the exit code."""

    step: str
    status: Status
    seconds: float
    said: str
    detail: Mapping[str, object]
    hints: tuple[str, ...]
    error: Exception | None = None
