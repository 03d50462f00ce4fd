"""What the queue writes of a reason is bounded, whatever text came into it."""

import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert, attempts_of
from tests.support.options import LEDGER, queue_options
from tests.support.runs import row
from worker.database.pool import Database
from worker.queue.claim import claim
from worker.queue.finish_lease import finish, give_back
from worker.queue.run_result import RunResult, RunStatus
from worker.telemetry.text import MESSAGE_LIMIT

pytestmark = pytest.mark.anyio

HUGE = "a\x00b\ud800" + "x" * 1_000_000
CUT = "a\ufffdb?" + "x" * (MESSAGE_LIMIT - 5) + "…"


async def test_the_message_of_a_run_and_the_reason_of_an_attempt(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    (first,) = await claim(database, queue_options(), 1)
    await give_back(first, LEDGER, "x" * 1_000_000)
    (second,) = await claim(database, queue_options(), 1)
    await finish(second, LEDGER, RunResult(RunStatus.FAILED, "{}", HUGE))
    assert (await row(backend, "r"))["error_message"] == CUT
    reasons = [attempt["reason"] for attempt in await attempts_of(database)]
    assert reasons == ["x" * (MESSAGE_LIMIT - 1) + "…", CUT]
