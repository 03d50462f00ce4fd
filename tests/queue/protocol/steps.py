"""The steps of an example, and how hypothesis makes them up."""

from dataclasses import dataclass
from enum import StrEnum

from hypothesis import strategies as st

__all__ = [
    "EXAMPLES",
    "RUNS",
    "WORKERS",
    "Crash",
    "Cut",
    "Ending",
    "Example",
    "Go",
    "Outage",
    "Pass",
    "Step",
]

RUNS = ("r0", "r1")
WORKERS = ("A", "B")


class Ending(StrEnum):
    """What comes of an attempt that nobody disturbs."""

    COMPLETE = "complete"
    FAIL_A_TABLE = "fail a table"
    POSTPONE = "postpone"
    GIVE_BACK = "give back"
    END_EARLY = "end early"


@dataclass(frozen=True, slots=True)
class Go:
    """Let an actor do so many statements of something, which it begins where it has not yet.

    `A r0` is worker A's attempt at the run r0: that begins with the claim. One that is blocked
    gives way, as after lock_timeout; the backend has none and stays blocked.
    """

    what: str
    statements: int = 99


@dataclass(frozen=True, slots=True)
class Cut:
    """An actor loses its connection: with the next statement, or with the answer to it."""

    what: str
    done: bool


@dataclass(frozen=True, slots=True)
class Crash:
    """A worker dies; another one, of a new name, takes its place."""

    who: str


@dataclass(frozen=True, slots=True)
class Pass:
    """Time passes: the instants in the tables move into the past."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Outage:
    """The database was away for longer than a lease, and has started anew."""


Step = Go | Cut | Crash | Pass | Outage


@dataclass(frozen=True, slots=True)
class Example:
    """`endings` are those of the attempts in the order of their claims, over and over."""

    steps: tuple[Step, ...]
    endings: tuple[Ending, ...] = (Ending.COMPLETE,)


_STATEMENTS = (99, 1, 2, 3, 4, 6, 9, 14)
_DECISIONS = ("cancel", "fail", "launch", "delete", "drop", "accept")
_CONTENTS = ("oldest", "newest", "ancient")
# By how often it is chosen: work is most of what happens.
_GO = {
    24: [f"{who} {run}" for who in WORKERS for run in RUNS],
    8: [f"{who} {what}" for who in WORKERS for what in ("claim", "beat", "rescue")],
    10: [f"operator cancel {run}" for run in RUNS],
    6: [
        *(f"job {run}" for run in RUNS),
        *(f"{who} slow claim" for who in WORKERS),
        *(f"backend reset {run}" for run in RUNS),
    ],
    2: [
        *(f"backend {what} r0" for what in _DECISIONS),
        *(f"operator adopt {run}" for run in RUNS),
        "operator cancel all",
        "upkeep prune",
    ],
    1: [
        *(f"backend {what} r1" for what in _DECISIONS),
        *(f"backend {what} {run}" for what in _CONTENTS for run in RUNS),
    ],
}
_OTHER: dict[int, list[Step]] = {
    16: [Pass(61)],
    5: [Pass(25), Pass(3700), Outage()],
    8: [Crash(who) for who in WORKERS],
    2: [Crash("job r0"), Crash("operator cancel r0")],
    3: [Cut(f"{who} {run}", done) for who in WORKERS for run in RUNS for done in (True, False)],
    1: [
        Cut(what, done)
        for what in ("A claim", "A rescue", "A beat", "operator cancel r0", "job r0")
        for done in (True, False)
    ],
}
_CHOICES: list[str | Step] = [
    one for choices in (_GO, _OTHER) for weight, all_ in choices.items() for one in all_ * weight
]


@st.composite
def _steps(draw: st.DrawFn) -> Step:
    chosen = draw(st.sampled_from(_CHOICES))
    if isinstance(chosen, str):
        return Go(chosen, draw(st.sampled_from(_STATEMENTS)))
    return chosen


EXAMPLES = st.builds(
    Example,
    st.lists(_steps(), min_size=10, max_size=50).map(tuple),
    st.lists(st.sampled_from(Ending), min_size=1, max_size=3).map(tuple),
)
"""Any example."""
