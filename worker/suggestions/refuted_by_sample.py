"""Checks that fail on the very rows that DQX made them of.

A list holds every value of its rows, so one row that fails refutes it. Other rules may fail on some
rows: DQX leaves out outliers, and as many nulls as its options allow.
"""

from worker.counting.check import Check
from worker.profiling.results import Evidence
from worker.suggestions import errors

__all__ = ["refutation"]

_CHOSEN = frozenset({"is_not_null", "is_not_null_and_not_empty", "is_not_empty"})
"""How many rows may fail these is an option of DQX's."""


def refutation(check: Check, evidence: Evidence) -> str | None:
    """Return why the rows that a check was made of refute it; None if they do not."""
    tried = evidence.looked_at
    if tried is None:
        return None
    failing = tried.rows - tried.passing
    if check.function == "is_in_list":
        return errors.refuted_by_blanks() if failing else None
    if check.function not in _CHOSEN and failing * 2 > tried.rows:
        return errors.refuted()
    return None
