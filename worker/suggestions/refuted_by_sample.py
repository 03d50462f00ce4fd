"""Checks that fail on the very rows that DQX made them of.

A list holds every value of its rows, so one row that fails refutes it. Other rules may fail on some
rows: DQX leaves out outliers, and as many nulls as its options allow.
"""

from worker.checks.catalogue import function_of
from worker.counting.check import Check
from worker.profiling.results import Evidence
from worker.suggestions import errors

__all__ = ["refutation"]


def refutation(check: Check, evidence: Evidence) -> str | None:
    """Return why the rows that a check was made of refute it; None if they do not."""
    tried = evidence.looked_at
    if tried is None:
        return None
    failing = tried.rows - tried.passing
    known = function_of(check.function)
    if known.listed:
        return errors.refuted_by_blanks() if failing else None
    if not known.tolerates and failing * 2 > tried.rows:
        return errors.refuted()
    return None
