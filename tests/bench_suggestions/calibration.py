"""Does a confidence mean what it says? Pure functions of confidences and outcomes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Bucket", "Guess", "brier_share", "buckets", "calibration_error", "worst_bucket"]

_BUCKETS = 10
_DRAWS = 1000
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Guess:
    """A confidence and what came of it."""

    confidence: float
    holds: bool
    table: str


@dataclass(frozen=True)
class Bucket:
    """A tenth of the guesses, by confidence."""

    size: int
    confidence: float
    """The mean."""
    held: float
    """The share that held."""
    error: float
    """The standard error of the difference."""

    @property
    def deviation(self) -> float:
        """The difference in standard errors."""
        return abs(self.confidence - self.held) / self.error


def calibration_error(guesses: Sequence[Guess]) -> float:
    """Return the expected calibration error with ten buckets of equal size."""
    confidence, held, _ = _sorted(guesses)
    gaps = [len(one) * abs((confidence[one] - held[one]).mean()) for one in _tenths(len(guesses))]
    return float(sum(gaps) / len(guesses))


def brier_share(guesses: Sequence[Guess]) -> float:
    """Return the Brier score as a share of that of the best single number for all."""
    outcomes = np.array([one.holds for one in guesses], dtype=float)
    confidence = np.array([one.confidence for one in guesses])
    constant = float(outcomes.var())
    return float(((confidence - outcomes) ** 2).mean()) / constant if constant else math.nan


def buckets(guesses: Sequence[Guess], seed: int = 0) -> list[Bucket]:
    """Return the ten buckets; their standard errors are of a bootstrap over the tables.

    Where all guesses of a bucket come out alike, no table differs from the others and a bootstrap
    finds no error at all. So a bucket's error is never taken for smaller than that of as many
    independent guesses of which one more held and one more failed.
    """
    confidence, held, ordered = _sorted(guesses)
    outcomes = np.array([one.holds for one in ordered], dtype=float)
    names, numbers = np.unique([one.table for one in ordered], return_inverse=True)
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), _DRAWS)
    found = []
    for one in _tenths(len(guesses)):
        of_table = np.zeros((2, len(names)))
        np.add.at(of_table[0], numbers[one], confidence[one] - outcomes[one])
        np.add.at(of_table[1], numbers[one], 1)
        sums, sizes = (draws @ row for row in of_table)
        gaps = sums[sizes > 0] / sizes[sizes > 0]
        share = (held[one].sum() + 1) / (len(one) + 2)
        least = math.sqrt(share * (1 - share) / len(one))
        found.append(
            Bucket(
                len(one),
                float(confidence[one].mean()),
                float(held[one].mean()),
                max(float(gaps.std()), least),
            )
        )
    return found


def worst_bucket(guesses: Sequence[Guess]) -> Bucket:
    """Return the bucket that is off by the most standard errors."""
    return max(buckets(guesses), key=lambda one: one.deviation)


def _sorted(guesses: Sequence[Guess]) -> tuple[Numbers, Numbers, list[Guess]]:
    """Return confidences and outcomes in the order of the confidences, and the guesses.

    Guesses of one confidence are in a random order. Each of them gets the mean of their outcomes:
    what a random order gives on average.
    """
    shuffled = np.random.default_rng(0).permutation(len(guesses))
    ordered = sorted((guesses[at] for at in shuffled), key=lambda one: one.confidence)
    confidence = np.array([one.confidence for one in ordered])
    outcomes = np.array([one.holds for one in ordered], dtype=float)
    _, numbers = np.unique(confidence, return_inverse=True)
    means = np.bincount(numbers, outcomes) / np.bincount(numbers)
    return confidence, means[numbers], ordered


def _tenths(count: int) -> list[npt.NDArray[np.int64]]:
    return [one for one in np.array_split(np.arange(count), _BUCKETS) if len(one)]
