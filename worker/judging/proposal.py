"""What is proposed for a table, and what the judge says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from worker.counting.check import Passed
from worker.judging.catches import Caught
from worker.kinds.column_kind import ColumnKind
from worker.profiling.results import Candidate

__all__ = ["Judgement", "Origin", "Proposal", "Refits"]


class Origin(StrEnum):
    """Who made a candidate."""

    DQX = "dqx"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Refits:
    """How an estimate fares that is made anew of a part of the rows and tried on the others."""

    parts: int
    """How often it was made anew."""
    held: int
    """How often no row of the others failed."""
    tried: Passed
    """Of all rows that were the others."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A candidate, DQX's or the worker's own, before it is judged."""

    candidate: Candidate
    origin: Origin
    kind: ColumnKind
    kind_reason: str
    """Why the column is of this kind."""
    reason: str
    """Why the rule is what it is: a sentence for people, without values of cells."""
    expected: float | None = None
    """How many rows of the next load are expected to fail, by the estimator's own model; None of
    DQX's candidates."""
    made_of: Passed | None = None
    """Of the rows that the worker's own candidate was made of; None of DQX's, which are tried on
    the sample and on held-out rows as they are."""
    random: Refits | None = None
    """On random parts of the rows, each held out once. Of DQX's candidates, what imitates them."""
    in_order: Refits | None = None
    """On the earlier rows, tried on the later ones; None if the table has no order."""
    examples: Sequence[object] = ()
    """Up to three values that fail, the most frequent ones; the caller leaves them out for personal
    columns."""
    finding: bool = False
    """Whether it is proposed because a few rows break it, which then are likely to be wrong."""
    caught: Caught | None = None
    """Which errors it catches that were put into its column by way of trial; None if unknown."""
    held_back: str | None = None
    """Why it is not suggested, whatever the judge says; None if that is up to the judge."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far a candidate is to be trusted, and why."""

    proposal: Proposal
    confidence: float | None
    """The estimated probability that the rule flags no clean row of the next load of similar size.
    From 0 to 1; None of a finding."""
    wrong_share: float | None
    """Of a finding, the estimated share of the rows it flags that are wrong; None of a rule."""
    held_back: str | None
    """Why it is not suggested; None if it is."""
