"""Whether a run ends as completed or as failed, from how its tables ended."""

from collections.abc import Sequence

from worker.progress import errors
from worker.progress.summary import assemble, refused
from worker.progress.table_progress import TableRecord
from worker.queue.run_result import RunResult, RunStatus
from worker.telemetry.text import joined

__all__ = ["refusal", "run_result"]

_LISTED = 20


def run_result(records: Sequence[TableRecord], summary_limit: int) -> RunResult:
    """Return `completed` if every table was profiled, else `failed` with each cause."""
    failed = [record for record in records if record.error is not None]
    summary = assemble(records, summary_limit)
    if not failed:
        return RunResult(RunStatus.COMPLETED, summary)
    return RunResult(RunStatus.FAILED, summary, _message(failed, len(records)))


def refusal(reason: str) -> RunResult:
    """Return the end of a run whose request could not be worked on."""
    return RunResult(RunStatus.FAILED, refused(reason), reason)


def _message(failed: Sequence[TableRecord], total: int) -> str:
    causes = joined([f"{record.schema_name}: {record.error}" for record in failed[:_LISTED]])
    more = len(failed) - _LISTED
    rest = f"; and {more} more (see summary_stats)" if more > 0 else ""
    noun = "schema" if total == 1 else "schemas"
    return errors.tables_failed(len(failed), total, noun, causes + rest)
