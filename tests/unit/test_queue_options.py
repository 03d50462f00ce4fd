"""What the queue's options come to."""

import os
from datetime import timedelta

import pytest

from tests.support.options import queue_options
from worker.settings import load_settings
from worker.settings.compose_options import database_options

NEEDED = {"POSTGRES_HOST": "h", "POSTGRES_DB": "d", "POSTGRES_USER": "u"}


@pytest.mark.parametrize(
    ("tries", "minutes"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (7, 32), (8, 60), (10**6, 60)]
)
def test_the_back_off_doubles_from_the_second_try_on_up_to_an_hour(
    tries: int, minutes: int
) -> None:
    options = queue_options(back_off=timedelta(minutes=1))
    assert options.back_off_after(tries) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("lease", "beat"), [(1, 0.5), (3, 1), (16, 2)])
def test_a_beat_has_an_eighth_of_a_lease_but_never_too_little_time(
    lease: float, beat: float
) -> None:
    options = queue_options(lease=timedelta(seconds=lease))
    assert options.beat_deadline == timedelta(seconds=beat)


@pytest.mark.parametrize("lease", ["3s", "15s", "1h"])
def test_the_servers_deadlines_are_shorter_than_half_a_lease(
    lease: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (NEEDED | {"DQX_WORKER_LEASE": lease}).items():
        monkeypatch.setenv(name, value)
    options = database_options(load_settings(os.environ))
    half = timedelta(seconds={"3s": 3, "15s": 15, "1h": 3600}[lease]) / 2
    assert options.statement_timeout < half
    assert options.idle_in_transaction_timeout < half
    assert options.lock_timeout < timedelta(seconds=1)


def test_one_beat_that_dies_in_silence_does_not_cost_the_lease() -> None:
    options = queue_options(lease=timedelta(seconds=15))
    # asyncpg takes a deadline once for the statement and once for calling it off.
    lost = 2 * 1.2 * options.beat_deadline
    assert options.beat_interval + lost + 2 * options.beat_deadline < options.lease
