"""A lease: one attempt's right to write, proved in every transaction that writes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import anyio

from worker.database.errors import RowVanished
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.queue.run import Run

__all__ = ["Lease", "LeaseLost", "RunOverruled"]

T = TypeVar("T")

_PROVE_LEASE = load_sql(__package__, "prove_lease")
_PROVE_RUN = load_sql(__package__, "prove_run")


class LeaseLost(Exception):
    """Another worker has the run, or nobody: this attempt writes nothing more."""


class RunOverruled(Exception):
    """Somebody changed or deleted the run's row: this attempt writes nothing more."""


@dataclass(slots=True, eq=False)
class Lease:
    """The run, the attempt, and the token that fences its writes.

    `scope` is cancelled by the heartbeat when the lease is lost or the run is decided by
    somebody else; whoever works on the run does so inside it.
    """

    run: Run
    attempt: int
    token: UUID
    database: Database
    job: bool = False
    """A `dqx-worker job` has it: whatever run_id its launcher sets is its own."""
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    closing: bool = False
    """Set by whoever ends the attempt: from then on the row's absence is not a loss."""

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a transaction between the two proofs; again where it gave way.

        Raises `LeaseLost` or `RunOverruled`, and then nothing of `work` is kept.
        """

        async def proved(transaction: Connection) -> T:
            await self.prove(transaction)
            result = await work(transaction)
            if not await transaction.fetchval(_PROVE_RUN, self.run.id, self.job):
                raise RunOverruled(f"run {self.run.id} is no longer 'running'")
            return result

        try:
            return await self.database.run(proved)
        except RowVanished as error:
            raise RunOverruled(f"run {self.run.id} or its contract was deleted") from error

    async def prove(self, transaction: Connection) -> None:
        """Lock the lease against a take-over until the transaction ends.

        Raises `LeaseLost` when the token is not the current one.
        """
        if not await transaction.fetchval(_PROVE_LEASE, self.run.id, self.token):
            raise LeaseLost(f"the lease of run {self.run.id} is not this attempt's any more")
