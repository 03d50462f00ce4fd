"""Which checks of a table are suggested if there are more than one table may have."""

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

from worker.suggestions.draft import Draft

__all__ = ["over_limit"]


def over_limit(drafts: Sequence[Draft], limit: int) -> list[Draft]:
    """Return the drafts beyond the limit: the first of each column stay before the second of any.

    Of as many columns as there are, the first ones count.
    """
    if len(drafts) <= limit:
        return []
    turns: list[tuple[int, Draft]] = []
    of_column: Counter[str] = Counter()
    for draft in drafts:
        turns.append((of_column[draft.candidate.column], draft))
        of_column[draft.candidate.column] += 1
    return [draft for _, draft in sorted(turns, key=itemgetter(0))[limit:]]
