"""How many rows of a table may fail a check, by what became of some drawn at random."""

import math

__all__ = ["CONFIDENCE", "most_failing"]

CONFIDENCE = 0.95
_STEPS = 60
_NEGLIGIBLE = 1e-18


def most_failing(rows: int, failing: int) -> float:
    """Return the share that fails at most of what rows were drawn from, with a confidence of 95 %.

    The upper bound of Clopper and Pearson: with a larger share, no more than `failing` of `rows`
    would have failed in fewer than 5 of 100 draws. (Rows are drawn without replacement, which
    makes it a little wider than need be.)
    """
    if failing >= rows:
        return 1.0
    if not failing:
        return 1.0 - math.pow(1.0 - CONFIDENCE, 1.0 / rows)
    low, high = failing / rows, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _at_most(failing, rows, middle) > 1.0 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def _at_most(failing: int, rows: int, share: float) -> float:
    """Return how likely it is that so few fail or fewer, where `share` of all do."""
    if share >= 1:
        return 0.0
    term = math.exp(
        math.lgamma(rows + 1)
        - math.lgamma(failing + 1)
        - math.lgamma(rows - failing + 1)
        + failing * math.log(share)
        + (rows - failing) * math.log1p(-share)
    )
    # Each is smaller than the one before: `share` is above `failing / rows`.
    total, odds = 0.0, (1 - share) / share
    for number in range(failing, -1, -1):
        total += term
        if term < total * _NEGLIGIBLE:
            break
        term *= odds * number / (rows - number + 1)
    return total
