"""Work that keeps the main loop of a worker busy costs no lease and no answer of a probe."""

import socket
from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from tests.chaos.stand_in import blocking_name
from tests.support.probes import HOST, ask
from tests.support.runs import ended, events, names
from tests.support.stand_in_workers import StandInSite

pytestmark = pytest.mark.anyio


async def test_a_loop_that_is_busy_for_longer_than_a_lease_loses_no_run_to_another_worker(
    server: Postgres, tmp_path: Path
) -> None:
    site = await StandInSite.made(server, tmp_path, "busy_loops", DQX_WORKER_SLOTS="1")
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    with site.worker("busy", DQX_WORKER_PROBES=f"{HOST}:{port}") as busy:
        # Twice a lease and more.
        long = await site.request(a=blocking_name(7000))
        await site.until_event(busy, "run.claimed")
        # The other one stands still, too, but comes back while the first is busy.
        with site.worker("other") as other:
            short = await site.request(b=blocking_name(2000))
            await ended(site.backend, short)
            assert (await ask(port, "/livez")).status == 200
            # Its phase waits for the loop.
            assert await site.states(long) == {"a": "pending"}
            await ended(site.backend, long)
    for run, worker in ((long, busy), (short, other)):
        (attempt,) = await site.attempts(run)
        assert attempt["outcome"] == "completed"
        assert names(events(worker.log)).count("run.completed") == 1
    for worker in (busy, other):
        assert {"run.rescued", "lease.lost"}.isdisjoint(names(events(worker.log)))
