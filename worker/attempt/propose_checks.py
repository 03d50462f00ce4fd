"""From the rows of a sample to what may be suggested, and how its columns are distributed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from worker.attempt.plan import PlannedTable
from worker.profiling.results import TableProfile
from worker.profiling.table_profiler import TableProfiler
from worker.sampling.rows_at_hand import RowsAtHand
from worker.sampling.sample import Sample
from worker.suggestions.column import Column
from worker.suggestions.distribution import Distribution, distribution
from worker.suggestions.judgement import Proposal
from worker.suggestions.propose import propose

__all__ = ["Proposed", "propose_checks"]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the values of a table's columns give."""

    proposals: Sequence[Proposal] | None = None
    """None in the mode `stock`: the profile's own candidates are suggested."""
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

    def proposed() -> Proposed:
        columns = [
            Column(path, values, table.logical_type(path)) for path, values in rows.columns()
        ]
        proposals = propose(profile, columns, now=datetime.now(UTC)) if judged else None
        return Proposed(proposals, dict(_distributions(profile, proposals, columns, table)))

    return rows.sample, await profiler.run(proposed, tag)


def _distributions(
    profile: TableProfile,
    proposals: Sequence[Proposal] | None,
    columns: Sequence[Column],
    table: PlannedTable,
) -> Mapping[str, Distribution]:
    """Return how the columns are distributed about which something is proposed."""
    if profile.hidden.rows:
        return {}
    candidates = profile.candidates if proposals is None else [one.candidate for one in proposals]
    about = {one.column for one in candidates}
    return {
        one.path: found
        for one in columns
        if one.path in about
        and one.path not in table.personal
        and one.path not in profile.hidden
        and (found := distribution(one)) is not None
    }
