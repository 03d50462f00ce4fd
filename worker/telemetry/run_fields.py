"""The fields that every log line about a run has."""

from typing import TypedDict

__all__ = ["RunFields", "run_fields"]


class RunFields(TypedDict):
    """What names a run in a log line. A field is None if the worker does not know it."""

    run: str | None
    contract: str | None
    attempt: int | None
    triggered_by: str | None


def run_fields(
    run: str | None,
    contract: str | None = None,
    attempt: int | None = None,
    triggered_by: str | None = None,
) -> RunFields:
    """Return the fields of a line about `run`, or about a table that belongs to no run."""
    return RunFields(run=run, contract=contract, attempt=attempt, triggered_by=triggered_by)
