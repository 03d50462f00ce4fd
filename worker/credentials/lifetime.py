"""How long a credential is served, when it is refreshed, and how long to wait after a failure."""

import random
from dataclasses import dataclass
from datetime import datetime

from worker.concurrency.backoff import jittered

__all__ = ["SHORTEST_PAUSE", "Lifetime", "lifetime", "pause_after_failure", "pause_before_another"]

UNSTATED = 50 * 60.0
"""Seconds, if the answer does not say: Lakebase's tokens live one hour."""
LONGEST = 60 * 60.0
"""Seconds: no database token of Lakebase lives longer, so a later end is a clock that is slow."""
UNKNOWN = 60.0
"""Seconds, if the stated end has passed already: a clock that is fast by more than a life."""
SHORTEST_PAUSE = 0.5
"""Seconds between two mints at least."""

# Seconds: the longest pauses after failures, with and without a credential that is still valid, and
# the longest one that the service may ask for.
_LONGEST_PAUSE_VALID = 30.0
_LONGEST_PAUSE = 5.0
_LONGEST_ASKED = 60.0

_REFRESH_FROM, _REFRESH_TO = 0.6, 0.75
_MARGIN = 0.05
_LARGEST_MARGIN = 30.0
_CLOCK_TOLERANCE = 300.0


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Seconds from now: until when to serve a credential, and when to refresh it before that."""

    serve: float
    refresh: float
    clock_differs: bool
    """The stated end can't be right by this machine's clock."""


def lifetime(expires_at: datetime | None, now: datetime) -> Lifetime:
    """Return the lifetime of a credential that has just come.

    It is refreshed after 60 to 75 % of its life, at random, so that many workers don't refresh
    together; and not served in its last 5 % (30 s at most), which a login may take.
    """
    stated = UNSTATED if expires_at is None else (expires_at - now).total_seconds()
    life = UNKNOWN if stated <= 0 else min(stated, LONGEST)
    refresh = life * random.uniform(_REFRESH_FROM, _REFRESH_TO)  # noqa: S311
    return Lifetime(
        serve=life - min(life * _MARGIN, _LARGEST_MARGIN),
        refresh=max(refresh, SHORTEST_PAUSE),
        clock_differs=not 0 < stated <= LONGEST + _CLOCK_TOLERANCE,
    )


def pause_after_failure(failures: int, valid_for: float, retry_after: float | None) -> float:
    """Return the seconds to wait after that many failures in a row.

    Twice as long each time, half of it at random: up to 30 s while the last credential is valid
    for longer than that, else up to 5 s. A service that says when to come back is obeyed, up to
    a minute.
    """
    longest = _LONGEST_PAUSE_VALID if valid_for > _LONGEST_PAUSE_VALID else _LONGEST_PAUSE
    pause = jittered(min(2.0 ** min(failures - 1, 10), longest))
    return max(pause, min(retry_after or 0.0, _LONGEST_ASKED))


def pause_before_another(tries: int) -> float:
    """Return the seconds for which a credential has to be kept though no login succeeds with it.

    `tries` counts the credentials before it that were minted for the same reason. There is no pause
    after the first: the token was revoked, its host's clock differs, or the database has moved. If
    the credentials that follow fail too, a new one is no cure, and each is kept longer, up to a
    minute.
    """
    return 0.0 if tries == 0 else min(2.0 ** min(tries - 1, 10), 60.0)
