"""The steps of an example, and how hypothesis makes them up."""

from dataclasses import dataclass
from enum import StrEnum

from hypothesis import strategies as st

__all__ = ["EXAMPLES", "RUNS", "WORKERS", "Crash", "Cut", "Ending", "Example", "Go", "Outage", "Pass", "Step"]

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


_ATTEMPTS = [f"{who} {run}" for who in WORKERS for run in RUNS]
_WORK = [f"{who} {what}" for who in WORKERS for what in ("claim", "slow claim", "beat", "rescue")]
_BACKEND = [
    f"backend {what} {run}"
    for run in RUNS
    for what in ("ask", "reset", "cancel", "fail", "launch", "delete", "drop", "accept")
]
_OTHERS = [
    *_BACKEND,
    *(f"operator {what} {run}" for run in RUNS for what in ("cancel", "adopt")),
    *(f"job {run}" for run in RUNS),
    "upkeep prune",
]
# Work is most of what happens, and most of it in long pieces.
_WHAT = st.one_of(
    st.sampled_from(_ATTEMPTS),
    st.sampled_from([*_WORK, *_WORK, "operator cancel r0", "job r0"]),
    st.sampled_from(_ATTEMPTS),
    st.sampled_from(_OTHERS),
)
_GO = st.builds(Go, _WHAT, st.sampled_from((99, 1, 2, 3, 5, 8, 13, 20)))
_RARE: st.SearchStrategy[Step] = st.one_of(
    st.builds(Pass, st.sampled_from((61, 25, 3700))),
    st.builds(Crash, st.sampled_from((*WORKERS, *WORKERS, "job r0", "operator cancel r0"))),
    st.builds(Cut, _WHAT, st.booleans()),
    st.builds(Outage),
)
_STEPS = st.lists(st.one_of(_GO, _GO, _GO, _GO, _RARE), min_size=8, max_size=30).map(tuple)

EXAMPLES = st.builds(
    Example,
    _STEPS,
    st.lists(st.sampled_from(Ending), min_size=1, max_size=3).map(tuple),
)
"""Any example."""
