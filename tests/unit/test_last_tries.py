"""The process of a last try, as the worker that starts it sees it."""

import os
import sys
from dataclasses import replace

import anyio
import pytest

from worker.process.last_try import LastTries, Program
from worker.process.signals import Stop
from worker.queue.claim import DueLastTry

pytestmark = pytest.mark.anyio

DUE = DueLastTry("r", "c", None, 3)


def python(code: str) -> Program:
    return Program([sys.executable, "-c", code], os.environ)


@pytest.mark.parametrize(
    "program",
    [Program(["/nowhere/dqx-worker"], {}), python("raise SystemExit(7)")],
    ids=["not there", "no Spark"],
)
async def test_after_a_process_that_does_not_start_or_ends_badly_the_next_one_waits(
    program: Program,
) -> None:
    last_tries = LastTries(program, Stop())
    may_begin = [last_tries.may_begin]
    last_tries.reserve()
    may_begin.append(last_tries.may_begin)
    await last_tries.make(DUE)
    assert not last_tries.in_work
    may_begin.append(last_tries.may_begin)
    assert may_begin == [True, False, False]


async def test_after_one_that_ends_well_the_next_may_begin_at_once() -> None:
    last_tries = LastTries(
        python("import sys; assert sys.argv[1:] == ['run', '--only=-r']"), Stop()
    )
    last_tries.reserve()
    await last_tries.make(replace(DUE, id="-r"))
    assert last_tries.may_begin


async def test_a_process_that_does_not_stop_in_time_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("worker.process.last_try._LAST_WRITES", 0.1)
    last_tries = LastTries(python("import time; time.sleep(60)"), Stop())
    with anyio.move_on_after(0.1):
        last_tries.reserve()
        await last_tries.make(DUE)
    assert not last_tries.in_work
