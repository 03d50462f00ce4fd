"""All scenarios: every alert has at least one."""

from tests.alerts.database_faults import (
    MigrationsPending,
    NoTokens,
    NoTokensLeft,
    PostgresAway,
    RefusedEnd,
)
from tests.alerts.queue_faults import FullQueue, NothingWrong, Paused, RunsFail
from tests.alerts.scenario import Scenario
from tests.alerts.worker_faults import (
    AllKilled,
    Busy,
    Frozen,
    FrozenAlone,
    FrozenInWork,
    KilledInWork,
    Stuck,
)

__all__ = ["SCENARIOS"]

SCENARIOS: tuple[type[Scenario], ...] = (
    NothingWrong,
    AllKilled,
    PostgresAway,
    FrozenAlone,
    Frozen,
    KilledInWork,
    FrozenInWork,
    FullQueue,
    Paused,
    RunsFail,
    RefusedEnd,
    NoTokens,
    NoTokensLeft,
    Stuck,
    Busy,
    MigrationsPending,
)
