"""Twenty seconds of `make chaos`: whatever happens to workers, the promises hold."""

import pytest

from tests.chaos.chaos import Plan, run_chaos
from tests.chaos.schedule import Kind

pytestmark = pytest.mark.anyio

SECONDS = 20.0


async def test_twenty_seconds_of_faults_break_no_promise() -> None:
    reported: list[str] = []
    report = await run_chaos(
        Plan(seed=4, seconds=SECONDS, settle=20, dqx=False), tell=reported.append
    )
    assert report.violations == [], "\n".join([*reported, str(report), *report.violations])
    assert report.done[Kind.KILL] > 3
    assert report.requests > SECONDS
    assert report.recovery.clean
