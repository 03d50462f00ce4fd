"""Stops work on schemas that their contracts no longer have."""

from collections.abc import Collection

from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.queue.lease import Lease

__all__ = ["stop_vanished"]

_VANISHED = load_sql(__package__, "vanished_objects")


async def stop_vanished(connection: Connection, leases: Collection[Lease]) -> None:
    """Cancel the scope of each watched schema that is no longer in the contract of its lease."""
    watched = [(lease.run.contract_id, name) for lease in leases for name in lease.watched]
    if not watched:
        return
    contracts, names = zip(*sorted(set(watched)), strict=True)
    rows = await connection.fetch(_VANISHED, list(contracts), list(names))
    gone = {(row["contract_id"], row["name"]) for row in rows}
    for lease in leases:
        for name, scope in lease.watched.items():
            if (lease.run.contract_id, name) in gone:
                scope.cancel()
