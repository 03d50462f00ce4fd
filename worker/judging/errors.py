"""Why the judge holds a check back."""

from worker.telemetry.cures import message

__all__ = ["below_confidence", "estimated_instead", "no_range_of_kind", "tried_rows_fail"]


@message(cure="nothing. Write a range by hand if values outside it are wrong.")
def no_range_of_kind(kind: str) -> str:
    """A range makes no sense for such a column: its values name things, or move on."""
    return f"no range for a column of this kind ({kind})"


@message(cure="nothing.")
def estimated_instead() -> str:
    """The worker has its own estimate of what may be suggested here; it takes this check's place.

    Stock DQX's checks are suggested with `DQX_WORKER_SUGGESTIONS=stock`.
    """
    return "the worker's own estimate takes its place"


@message(cure="nothing. Look at the rows that fail if you expect the rule to hold.")
def tried_rows_fail() -> str:
    """Rows that the check was tried on fail it, so it would flag rows of the next load."""
    return "rows that it was tried on fail"


@message(cure="lower DQX_WORKER_CONFIDENCE, or the option `confidence` of the run, to see it.")
def below_confidence() -> str:
    """The check is less likely to hold on the next load than DQX_WORKER_CONFIDENCE demands."""
    return "it is not likely enough to hold on the next load"
