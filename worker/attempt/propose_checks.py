"""From the rows of a sample to what may be suggested, and how its columns are distributed.

A defect there costs no table its suggestions: DQX's own candidates are left.
"""

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from worker.attempt.plan import PlannedTable
from worker.judging.proposal import Proposal
from worker.judging.propose import propose
from worker.kinds.column import Column
from worker.profiling.results import TableProfile
from worker.profiling.table_profiler import TableProfiler
from worker.sampling.rows_at_hand import RowsAtHand
from worker.sampling.sample import Sample
from worker.suggestions.distribution import Distribution, distribution
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Proposed", "propose_checks", "report_unjudged"]

log = get_logger(__name__)

_WORKER = str(Path(__file__).parents[1])


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the values of a table's columns give."""

    proposals: Sequence[Proposal] | None = None
    """None in the mode `stock`, or after a defect: the profile's own candidates are suggested."""
    distributions: Mapping[str, Distribution] = field(default_factory=dict)
    """Of columns whose values may be published, by their paths."""


async def propose_checks(
    profiler: TableProfiler, sample: Sample, profile: TableProfile, table: PlannedTable, tag: str
) -> tuple[Sample, Proposed]:
    """Return what is proposed for a table, and its sample with the held-out rows.

    In the mode `stock` no row is fetched for it.
    """
    judged = table.checks.mode == "judged"
    rows = await profiler.fetch_rows(sample, tag) if judged else RowsAtHand.of(sample)
    failed: dict[str, Exception] = {}

    def note(path: str, error: Exception) -> None:
        failed.setdefault(path, error)

    def proposed() -> Proposed:
        columns = [
            Column(path, values, table.logical_type(path)) for path, values in rows.columns()
        ]
        proposals = None
        if judged:
            proposals = propose(
                profile,
                columns,
                now=datetime.now(UTC),
                tolerated=table.checks.findings,
                condition=table.profiler.filter,
                failed=note,
            )
        return Proposed(proposals, dict(_distributions(profile, proposals, columns, table, failed)))

    try:
        found = await profiler.run(proposed, tag)
    except Exception as error:  # noqa: BLE001 - reported, and DQX's candidates need none of it
        report_unjudged(table, error)
        return rows.sample, Proposed()
    for path, raised in failed.items():
        log.error(Event.COLUMN_UNJUDGED, table=table.physical_name, column=path, **_what(raised))
    return rows.sample, found


def report_unjudged(table: PlannedTable, error: Exception) -> None:
    """Log that DQX's candidates are suggested for a table, because of a defect."""
    log.error(Event.CHECKS_UNJUDGED, table=table.physical_name, **_what(error))


def _what(error: Exception) -> Mapping[str, str]:
    """Return what was raised and where; its words could name a value of a personal column."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if one.filename.startswith(_WORKER)] or frames
    at = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "unknown"
    return {"error": type(error).__name__, "at": at}


def _distributions(
    profile: TableProfile,
    proposals: Sequence[Proposal] | None,
    columns: Sequence[Column],
    table: PlannedTable,
    failed: dict[str, Exception],
) -> Iterator[tuple[str, Distribution]]:
    """Yield how the columns are distributed about which something is proposed.

    What is raised for a column is added to `failed`.
    """
    if profile.hidden.rows:
        return
    candidates = profile.candidates if proposals is None else [one.candidate for one in proposals]
    about = {one.column for one in candidates}
    for one in columns:
        if one.path not in about or one.path in table.personal or one.path in profile.hidden:
            continue
        try:
            found = distribution(one)
        except Exception as error:  # noqa: BLE001 - reported, and the other columns go on
            failed.setdefault(one.path, error)
            continue
        if found is not None:
            yield one.path, found
