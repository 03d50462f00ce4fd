"""Which of DQX's candidates the worker's own make superfluous, or the kind of the column wrong."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from worker.judging import errors
from worker.judging.proposal import Proposal
from worker.kinds.column_kind import ColumnKind
from worker.patterns.text_patterns import PADDED, PADDED_NO_CAPITALS, PADDED_READABLE
from worker.profiling.results import Candidate

__all__ = ["Replace", "reasons_to_replace"]

Replace = Callable[[Candidate, ColumnKind], str | None]
"""Returns why a candidate of DQX is held back; None if it is not."""

_NO_RANGE = frozenset(
    {
        ColumnKind.KEY,
        ColumnKind.CODE,
        ColumnKind.POSTAL_CODE,
        ColumnKind.CONSTANT,
        ColumnKind.YEAR,
        ColumnKind.MOVING_DATE,
        ColumnKind.DATE,
    }
)
_RANGES = frozenset({"is_in_range", "is_not_less_than", "is_not_greater_than"})
_LISTS = frozenset({"is_in_list", "is_not_null_and_is_in_list"})
_FILLED = frozenset({"is_not_null", "is_not_null_and_not_empty", "is_not_empty"})
_REFUSES_NULL = frozenset({"is_not_null_and_is_in_list", "is_not_null_and_not_empty_array"})
_REFUSES_EMPTY = frozenset({"regex_match", *_LISTS})
_TAKES_EMPTY = frozenset({PADDED, PADDED_NO_CAPITALS, PADDED_READABLE})
"""Patterns that an empty text matches."""


def reasons_to_replace(own: Sequence[Proposal]) -> Replace:
    """Return what says why a candidate of DQX is held back beside these, or None."""
    functions: defaultdict[str, set[str]] = defaultdict(set)
    for one in own:
        check = one.candidate.check
        takes_empty = check.arguments.get("regex") in _TAKES_EMPTY or check.arguments.get("negate")
        if not takes_empty:
            functions[one.candidate.column].add(check.function)

    def reason(candidate: Candidate, kind: ColumnKind) -> str | None:
        function, beside = candidate.check.function, functions[candidate.column]
        if function in _RANGES and kind in _NO_RANGE:
            return errors.no_range_of_kind(kind)
        if function in _RANGES | _LISTS and kind is not ColumnKind.OTHER:
            return errors.estimated_instead()
        if function in _FILLED and beside & _REFUSES_NULL:
            return errors.estimated_instead()
        if function == "is_not_empty" and beside & _REFUSES_EMPTY:
            return errors.estimated_instead()
        if function == "is_unique" and "is_unique" in beside:
            return errors.estimated_instead()
        return None

    return reason
