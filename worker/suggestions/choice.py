"""The fewest checks that catch the most: which are superfluous, which go beyond a limit."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from worker.suggestions.draft import Draft

__all__ = ["gains", "over_limit", "superfluous"]

_UNKNOWN = 0.3
"""The gain of a check of which it is not known what it catches: that of a typical one."""


def gains(drafts: Sequence[Draft]) -> Mapping[str, float]:
    """Return by the ids of drafts what each catches beyond those of its column that catch more.

    It is a share of the errors that were put into the column by way of trial.
    """
    by_column: defaultdict[tuple[str, str | None], list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_column[draft.candidate.column, draft.check.filter].append(draft)
    return {id_: gain for those in by_column.values() for id_, gain in _of_column(those)}


def _of_column(drafts: Sequence[Draft]) -> Sequence[tuple[str, float]]:
    left = {one.id: one.proposal.caught for one in drafts if one.proposal is not None}
    counted = {id_: caught for id_, caught in left.items() if caught is not None}
    found = [(one.id, _UNKNOWN) for one in drafts if one.id not in counted]
    known = 0
    while counted:
        best = max(counted, key=lambda id_: counted[id_].beyond(known))
        caught = counted.pop(best)
        found.append((best, caught.beyond(known)))
        known |= caught.bits
    return found


def superfluous(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts that catch nothing which others of their column do not.

    A finding is about rows that there are, so it never is.
    """
    gain = gains(drafts)
    return [one for one in drafts if not gain[one.id] and not one.is_finding]


def over_limit(drafts: Sequence[Draft], limit: int) -> list[Draft]:
    """Return the drafts beyond the limit: those that catch least go, and findings last.

    If it is not known what they catch, the first of each column stay before the second of any.
    """
    if len(drafts) <= limit:
        return []
    gain, place = gains(drafts), _places(drafts)
    ranked = sorted(drafts, key=lambda one: (not one.is_finding, -gain[one.id], place[one.id]))
    return ranked[limit:]


def _places(drafts: Sequence[Draft]) -> Mapping[str, int]:
    """Return by ids how many drafts of the same column come before each."""
    of_column: Counter[str] = Counter()
    places: dict[str, int] = {}
    for draft in drafts:
        places[draft.id] = of_column[draft.candidate.column]
        of_column[draft.candidate.column] += 1
    return places
