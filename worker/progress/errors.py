"""How a run failed whose tables did: the words.

docs/errors.md is made of these functions: the docstring of each says what causes it, its `cure`
what to do.
"""

from worker.telemetry.cures import message

__all__ = ["tables_failed"]


@message(cure="see each cause, then ask for the failed schemas again.")
def tables_failed(failed: object, total: object, noun: str, causes: str) -> str:
    """At least one table of the run failed; what the others gave is kept."""
    return f"Failed to profile {failed} of {total} {noun}: {causes}"
