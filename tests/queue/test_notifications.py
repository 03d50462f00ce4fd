"""However many notifications come, they lead to few statements; the first one is not delayed."""

import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from deploy.sandbox.backend import WORKER
from deploy.sandbox.postgres import Postgres
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until
from worker.database.sql import load_sql
from worker.queue.channels import CANCEL_CHANNEL, REQUEST_CHANNEL
from worker.queue.notifications import Notifications

pytestmark = pytest.mark.anyio

FLOOD = 2_000
A_SECOND = 10
"""How often a worker looks or beats at most because of notifications."""


@asynccontextmanager
async def acting(notifications: Notifications) -> AsyncIterator[list[str]]:
    """Act on notifications while the block runs."""
    acts: list[str] = []

    async def act() -> None:
        acts.append("act")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(notifications.act_on, act)
        await anyio.wait_all_tasks_blocked()
        yield acts
        tasks.cancel_scope.cancel()


async def test_a_first_notification_is_acted_on_before_any_time_passes() -> None:
    notifications = Notifications()
    async with acting(notifications) as acts:
        notifications.arrived()
        await anyio.wait_all_tasks_blocked()
        assert len(acts) == 1


async def test_all_that_follow_within_a_moment_lead_to_one_more_act() -> None:
    notifications = Notifications()
    async with acting(notifications) as acts:
        notifications.arrived()
        await anyio.wait_all_tasks_blocked()
        for number in range(FLOOD):
            notifications.arrived(None, number, REQUEST_CHANNEL, "")

        async def acted_again() -> bool:
            await anyio.wait_all_tasks_blocked()
            return len(acts) > 1

        await until(acted_again, "the others are acted on", seconds=10)
        assert len(acts) == 2


@pytest.mark.parametrize(
    ("channel", "statement"), [(REQUEST_CHANNEL, "claim"), (CANCEL_CHANNEL, "beat")]
)
async def test_a_flood_of_notifications_makes_few_statements(
    server: Postgres, tmp_path: Path, channel: str, statement: str
) -> None:
    """Also while a request waits, so that each look asks for more than a claim does."""
    site = await StandInSite.made(
        server,
        tmp_path,
        "flooded",
        DQX_WORKER_POLL_INTERVAL="1h",
        DQX_WORKER_CLAIM_DELAY="1h",
        DQX_WORKER_LEASE="60s",
    )
    await log_statements(site)
    with site.worker() as worker:
        await site.until_event(worker, "worker.ready")
        await site.request(waits="stand_in.1.1")
        before = statements(site)
        began = time.monotonic()
        async with site.backend.connection() as owner:
            for _ in range(FLOOD):
                await owner.execute(f"NOTIFY {channel}")

        async def led_to_a_statement() -> bool:
            return (statements(site) - before)[first_line(statement)] > 1

        await until(led_to_a_statement, "the notifications lead to statements")
        most = 2 + A_SECOND * (time.monotonic() - began)
        counted = statements(site) - before
    assert counted[first_line(statement)] <= most
    assert counted.total() <= 4 * most


async def log_statements(site: StandInSite) -> None:
    """Have the server log every statement of the worker's sessions on the site's database."""
    admin = await site.server.admin.connect()
    try:
        database = site.backend.worker.database
        await admin.execute(f"ALTER ROLE {WORKER} IN DATABASE {database} SET log_statement = 'all'")
    finally:
        await admin.close()


def statements(site: StandInSite) -> Counter[str]:
    """Return the statements of the server's log so far, by their first lines."""
    log = (site.server.home / "postgres.log").read_text("utf-8", errors="replace")
    return Counter(re.findall(r"LOG:  (?:statement|execute [^:]*): (.*)", log))


def first_line(name: str) -> str:
    return load_sql("worker.queue", name).text.splitlines()[0]
