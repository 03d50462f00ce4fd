"""An operator pauses and resumes claiming, for all workers at once."""

from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.database.storable_text import storable
from worker.queue.channels import CANCEL_CHANNEL, REQUEST_CHANNEL
from worker.queue.claiming import Claiming
from worker.telemetry.text import CAUSE_LIMIT, NAME_LIMIT, bounded

__all__ = ["pause", "read_claiming", "resume"]

_READ = load_sql(__package__, "read_claiming")
_SET = load_sql(__package__, "set_claiming")
_NOTIFY = load_sql(__package__, "notify")


async def read_claiming(database: Database) -> Claiming | None:
    """Return whether claiming is paused; None if the table has lost its row: it is not paused."""
    async with database.connection() as connection:
        row = await connection.fetchrow(_READ)
    return Claiming.of(row) if row else None


async def pause(database: Database, by: str, reason: str) -> tuple[Claiming, bool]:
    """Have workers claim nothing until `resume`; return how that stands, and whether it changed.

    A claim that is under way may still take its requests. An earlier pause keeps its words.
    """

    async def change(transaction: Connection) -> tuple[Claiming, bool]:
        changed = await _set(transaction, paused=True, by=by, reason=reason)
        return Claiming.of(await transaction.fetchrow(_READ)), changed

    return await database.run(change)


async def resume(database: Database, by: str) -> Claiming | None:
    """Have workers claim again, at once; return the pause that this ended, None without one."""

    async def change(transaction: Connection) -> Claiming | None:
        before = await transaction.fetchrow(_READ)
        changed = await _set(transaction, paused=False, by=by, reason="")
        return Claiming.of(before) if before and changed else None

    return await database.run(change)


async def _set(transaction: Connection, *, paused: bool, by: str, reason: str) -> bool:
    who, why = bounded(storable(by), NAME_LIMIT), bounded(storable(reason), CAUSE_LIMIT)
    changed = await transaction.fetchval(_SET, paused, who, why or None)
    if changed:
        # The workers beat at once, and report what they find.
        await transaction.execute(_NOTIFY, CANCEL_CHANNEL)
        if not paused:
            await transaction.execute(_NOTIFY, REQUEST_CHANNEL)
    return bool(changed)
