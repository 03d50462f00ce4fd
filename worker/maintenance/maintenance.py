"""What a worker does for all of them: each takes over what died; one keeps the tables small."""

import itertools
import random
from collections.abc import Callable

import anyio

from worker.database.errors import DatabaseError
from worker.database.pool import Database
from worker.maintenance.count_rescues import count_rescue
from worker.maintenance.presence import takes_maintenance
from worker.maintenance.prune import prune_evidence, prune_page
from worker.maintenance.rescue import rescue
from worker.queue.heartbeat import Heartbeat
from worker.queue.options import QueueOptions, Retention
from worker.queue.run_progress import RunProgress
from worker.runs.adopt import UnheldRun, unheld_runs
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Maintenance"]

log = get_logger(__name__)

# Seconds between two rounds of what is not urgent, with a jitter: the first comes soon.
_ROUND = 600.0
_FIRST_ROUND = 5.0
_PRUNE_EVERY = 3
"""Rounds."""
# One worker prunes for all: of a hundred thousand runs a day, 2,100 in half an hour.
_MOST_PAGES = 20


class Maintenance:
    """Lives beside the heartbeat, which says when a lease has expired."""

    def __init__(
        self,
        database: Database,
        *,
        queue: QueueOptions,
        retention: Retention,
        tables: RunProgress,
        heartbeat: Heartbeat,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._queue = queue
        self._retention = retention
        self._tables = tables
        self._heartbeat = heartbeat
        self._wake = wake
        self._reported: set[UnheldRun] = set()
        self._pruned_up_to: str | None = None
        self._evidence_up_to: str | None = None

    async def run(self) -> None:
        """Do it until cancelled. What the database can't take now is done another time."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._rescue_for_ever)
            tasks.start_soon(self._keep_house_for_ever)

    async def _rescue_for_ever(self) -> None:
        while True:
            await self._heartbeat.expired.wait()
            self._heartbeat.expired = anyio.Event()
            if not self._heartbeat.may_rescue:
                continue
            try:
                rescued = await rescue(self._database, self._queue, self._tables)
            # The pool has logged it; the next beat finds what is left.
            except DatabaseError:
                continue
            for one in rescued:
                count_rescue(one)
                if one.outcome == "stuck":
                    log.error(Event.RUN_STUCK, **one.log_fields, reason=one.reason)
                    continue
                log.warning(
                    Event.RUN_RESCUED,
                    **one.log_fields,
                    holder=one.worker,
                    outcome=one.outcome,
                    reason=one.reason,
                )
            if rescued:
                self._wake()

    async def _keep_house_for_ever(self) -> None:
        pause = _FIRST_ROUND
        for number in itertools.count():
            await anyio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311
            pause = _ROUND
            if not self._heartbeat.healthy:
                continue
            try:
                if await takes_maintenance(self._database, self._queue.worker):
                    await self._report_unheld_runs()
                    if number % _PRUNE_EVERY == 0:
                        await self._prune()
            except DatabaseError:
                continue

    async def _report_unheld_runs(self) -> None:
        """Report each once, as long as no worker holds it."""
        found = set(await unheld_runs(self._database))
        for run in sorted(found - self._reported, key=lambda run: run.id):
            if run.stuck is not None:
                log.error(Event.RUN_STUCK, **run.log_fields, reason=run.stuck)
            else:
                log.warning(Event.RUN_NOBODYS, **run.log_fields, job=run.job)
        self._reported = found

    async def _prune(self) -> None:
        runs = workers = 0
        for _ in range(_MOST_PAGES):
            pruned = await prune_page(self._database, self._retention, self._pruned_up_to)
            self._pruned_up_to = pruned.after
            self._evidence_up_to = await prune_evidence(self._database, self._evidence_up_to)
            runs, workers = runs + pruned.runs, workers + pruned.workers
            # While nothing is to be dropped, one page a round is enough.
            if not (pruned.after and (pruned.runs or pruned.workers)):
                break
        if runs or workers:
            log.info(Event.TABLES_PRUNED, runs=runs, workers=workers)
