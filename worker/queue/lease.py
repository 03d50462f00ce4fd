"""A lease: one attempt's right to write, proved in every transaction that writes."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import anyio

from worker.database.errors import RowVanished
from worker.database.outage import through_outages
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.queue.claimed_run import Run
from worker.telemetry.run_fields import RunFields, run_fields

__all__ = ["Lease", "LeaseLost", "RunCancelled", "RunOverruled", "lease_of"]

T = TypeVar("T")

_PROVE_LEASE = load_sql(__package__, "prove_lease")
_PROVE_RUN = load_sql(__package__, "prove_run")


class LeaseLost(Exception):
    """Another worker holds the run, or none does: this attempt writes nothing more."""


class RunOverruled(Exception):
    """Another program changed or deleted the run's row: this attempt writes nothing more."""


class RunCancelled(Exception):
    """An operator cancelled the run, in these words: this attempt writes its end and no more."""


@dataclass(slots=True, eq=False)
class Lease:
    """The run, the attempt, and the token that fences its writes.

    `scope` is cancelled by the heartbeat when the lease is lost, another program decides
    the run, or an operator cancels it; all work on the run happens inside it.
    """

    run: Run
    attempt: int
    token: UUID
    database: Database
    tries: int = 1
    """How many attempts that count the run has had, this one included."""
    job: bool = False
    """A `dqx-worker job` has it: whatever run_id its launcher sets is its own."""
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    closing: bool = False
    """Set by the end of the attempt: from then on the row's absence is not a loss."""
    cancelled: str | None = None
    """An operator's words, once the heartbeat or a write has read them."""
    began: float = field(default_factory=time.monotonic)
    """When the claim was answered, on the monotonic clock."""
    asked: float = field(default_factory=time.monotonic)
    """When the claim began."""
    watched: dict[str, anyio.CancelScope] = field(default_factory=dict)
    """What to stop when a schema vanishes from the contract, by the names of those in work."""

    @property
    def log_fields(self) -> RunFields:
        """What every log line about this attempt has."""
        run = self.run
        return run_fields(run.id, run.contract_id, self.attempt, run.triggered_by)

    @property
    def seconds(self) -> float:
        """For how long the attempt has lasted."""
        return time.monotonic() - self.began

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a transaction between the two proofs; again if it gave way.

        Waits for as long as the database can't take it. Raises `LeaseLost`, `RunOverruled` or
        `RunCancelled`, and then nothing of `work` is kept.
        """

        async def proved(transaction: Connection) -> T:
            await self.prove(transaction)
            result = await work(transaction)
            if not await transaction.fetchval(_PROVE_RUN, self.run.id, self.job):
                raise RunOverruled(f"run {self.run.id} is no longer 'running'")
            return result

        try:
            return await through_outages(lambda: self.database.run(proved))
        except RowVanished as error:
            raise RunOverruled(f"run {self.run.id} or its contract was deleted") from error

    async def prove(self, transaction: Connection, *, cancelling: bool = False) -> None:
        """Lock the lease against a take-over until the transaction ends.

        Raises `LeaseLost` if the token is not the current one, and unless `cancelling`
        `RunCancelled` if a cancel is requested.
        """
        row = await transaction.fetchrow(_PROVE_LEASE, self.run.id, self.token)
        if row is None:
            raise LeaseLost(f"the lease of run {self.run.id} is not this attempt's any more")
        words: str | None = row["cancel_requested"]
        if words is not None:
            self.cancelled = words
            if not cancelling:
                raise RunCancelled(words)

    @contextmanager
    def watching(self, schema_name: str) -> Iterator[anyio.CancelScope]:
        """Give a scope that is cancelled when no schema object of the contract has this name."""
        with anyio.CancelScope() as scope:
            self.watched[schema_name] = scope
            try:
                yield scope
            finally:
                del self.watched[schema_name]


def lease_of(row: Any, database: Database) -> Lease:
    """Return the lease in a row of `claim.sql` or one with the same columns."""
    return Lease(
        run=Run(
            id=row["id"],
            contract_id=row["contract_id"],
            schema_names=row["schema_names"],
            triggered_by=row["triggered_by"],
            age=row["age"] or timedelta(0),
            odd_date=row.get("odd_date"),
        ),
        attempt=row["attempt"],
        token=row["token"],
        database=database,
        tries=row["tries"],
    )
