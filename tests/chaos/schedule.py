"""What goes wrong and when: a list that depends on the seed alone."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from deploy.sandbox.workspace.faults import FaultKind

__all__ = ["Event", "Kind", "draw"]


class Kind(StrEnum):
    """Everything that may happen."""

    KILL = "SIGKILL"
    STOP = "SIGSTOP"
    TERM = "SIGTERM"
    DELAY = "network delayed"
    FAR = "network far away"
    HOLD = "network held"
    DROP = "network dropped"
    CUT = "connections cut"
    REFUSE = "connections refused"
    FREEZE = "backends frozen"
    TERMINATE = "backends terminated"
    CRASH = "Postgres killed"
    RESTART = "Postgres restarted"
    TOKENS = "token endpoint"
    RAISE = "trigger raises"
    SHORTEN = "columns shortened"
    REVOKE = "token revoked"
    CANCEL = "run cancelled by an operator"
    DECIDE = "run set to cancelled"
    RESET = "run set back to pending"
    DELETE_RUN = "run deleted"
    DELETE_CONTRACT = "contract deleted"
    JUDGE = "suggestions judged"
    REAL = "real table requested"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens `at` seconds after the start, to a worker or to the whole site."""

    at: float
    kind: Kind
    worker: int | None = None
    """The number of the worker that it happens to."""
    seconds: float = 0.0
    """How long it lasts."""
    delay: float = 0.0
    """Of each chunk of a delayed network, one way."""
    fault: FaultKind | None = None
    """What the token endpoint does."""
    choice: float = 0.0
    """From 0 to 1: which of the runs that are there then."""

    def __str__(self) -> str:
        parts = [f"{self.at:6.1f} s", self.kind]
        if self.worker is not None:
            parts.append(f"worker {self.worker}")
        if self.fault:
            parts.append(self.fault)
        if self.seconds:
            parts.append(f"for {self.seconds:.1f} s")
        if self.delay:
            parts.append(f"by {self.delay * 1000:.0f} ms")
        return "  ".join(parts)


_OF_A_WORKER: Mapping[Kind, int] = {
    Kind.KILL: 24,
    Kind.STOP: 8,
    Kind.TERM: 6,
    Kind.DELAY: 4,
    Kind.FAR: 3,
    Kind.HOLD: 5,
    Kind.DROP: 5,
    Kind.CUT: 5,
    Kind.REFUSE: 3,
    Kind.FREEZE: 5,
    Kind.TERMINATE: 5,
}
_OF_THE_SITE: Mapping[Kind, int] = {
    Kind.CRASH: 2,
    Kind.RESTART: 1,
    Kind.TOKENS: 4,
    Kind.RAISE: 1,
    Kind.SHORTEN: 1,
    Kind.REVOKE: 2,
    Kind.CANCEL: 6,
    Kind.DECIDE: 6,
    Kind.RESET: 5,
    Kind.DELETE_RUN: 4,
    Kind.DELETE_CONTRACT: 2,
    Kind.JUDGE: 10,
}
_WEIGHTS = {**_OF_A_WORKER, **_OF_THE_SITE}
_NETWORK = (Kind.DELAY, Kind.FAR, Kind.HOLD, Kind.DROP, Kind.REFUSE)
_TARGETS: Mapping[Kind, str] = {
    **dict.fromkeys((Kind.CRASH, Kind.RESTART), "postgres"),
    **dict.fromkeys((Kind.KILL, Kind.STOP, Kind.TERM), "process"),
    **dict.fromkeys(_NETWORK, "network"),
    Kind.FREEZE: "backends",
    **dict.fromkeys((Kind.RAISE, Kind.SHORTEN), "tables"),
}
"""What can be hit by one thing at a time only; the others need no turn."""

# In leases: some shorter than one, some so long that others take the runs meanwhile.
_LONGEST: Mapping[Kind, float] = {
    Kind.STOP: 2.5,
    Kind.DELAY: 2.5,
    # As a region of a cloud that is far away: many leases long.
    Kind.FAR: 20.0,
    Kind.RAISE: 20.0,
    Kind.SHORTEN: 3.0,
    Kind.HOLD: 2.5,
    Kind.DROP: 2.5,
    Kind.REFUSE: 2.0,
    Kind.FREEZE: 2.0,
    Kind.CRASH: 1.5,
    Kind.RESTART: 0.5,
}
_DELAYS: Mapping[Kind, tuple[float, float]] = {
    Kind.DELAY: (0.01, 0.15),
    # Round trips of 150 to 400 ms.
    Kind.FAR: (0.075, 0.2),
}
_PAUSES: Mapping[Kind, float] = {Kind.CRASH: 4.0, Kind.RESTART: 4.0, Kind.KILL: 1.5, Kind.TERM: 1.5}
"""In leases: how long at least the same target is left alone afterwards."""

_PROCESS = (Kind.KILL, Kind.TERM, Kind.STOP)
_SPARED = 4
_REAL_EVERY = 15.0


def draw(seed: int, seconds: float, *, workers: int, lease: float, dqx: bool) -> list[Event]:
    """Return what happens within `seconds`, in its order. `lease` is a lease's life in seconds.

    With `dqx` there are real tables among it, and the last worker, which has them all, is hit less
    often: starting a Spark takes longer than most of the others live.
    """
    events = _draw(seed, seconds, workers, lease)
    if not dqx:
        return events
    hits = [event for event in events if event.kind in _PROCESS and event.worker == workers - 1]
    spared = set(hits) - set(hits[_SPARED - 1 :: _SPARED])
    real = [
        Event(number * _REAL_EVERY + 2, Kind.REAL)
        for number in range(int((seconds - 2) / _REAL_EVERY) + 1)
    ]
    kept = [event for event in events if event not in spared]
    return sorted([*kept, *real], key=lambda event: event.at)


def _draw(seed: int, seconds: float, workers: int, lease: float) -> list[Event]:
    chance = random.Random(seed)  # noqa: S311
    events: list[Event] = []
    free_from: dict[tuple[str, int | None], float] = {}
    at = lease / 2
    while at < seconds:
        kind = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        event = _event(chance, at, kind, workers, lease)
        # Everything is over by the end.
        event = replace(event, seconds=round(min(event.seconds, seconds - at), 2))
        at += chance.uniform(0.2, 1.8) * lease / 5
        target = (_TARGETS.get(kind, ""), event.worker)
        if target[0]:
            if free_from.get(target, 0.0) > event.at:
                continue
            free_from[target] = event.at + event.seconds + _PAUSES.get(kind, 0.5) * lease
        events.append(event)
    return events


def _event(chance: random.Random, at: float, kind: Kind, workers: int, lease: float) -> Event:
    """Return an event of `kind`, with what else has to be drawn for it."""
    worker = chance.randrange(workers)
    length = chance.uniform(0.1, 1.0)
    delays = _DELAYS.get(kind, (0.0, 0.0))
    delay = round(chance.uniform(*delays), 3)
    fault = chance.choice(list(FaultKind))
    choice = chance.random()
    longest = _LONGEST.get(kind, 0.0) * lease
    return Event(
        at=round(at, 2),
        kind=kind,
        worker=worker if kind in _OF_A_WORKER else None,
        seconds=round(longest * length, 2),
        delay=delay,
        fault=fault if kind is Kind.TOKENS else None,
        choice=choice,
    )
