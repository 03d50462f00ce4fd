"""Writes the end of a run, a smaller one if Postgres refuses it, down to the status alone."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseRefused,
    DatabaseUnavailable,
    StatementFailing,
)
from worker.queue import errors
from worker.queue.errors import EndRefused
from worker.queue.run_result import RunResult, RunStatus
from worker.telemetry.text import bounded

__all__ = ["NOTHING_DONE", "first_accepted", "in_ascii", "may_pass", "write_end"]

T = TypeVar("T")

NOTHING_DONE = '{"tables":{},"total_suggestions":0,"errors":[]}'
"""The summary of a run if nothing else can be written."""

_SHORT = 100
"""Characters of a message that should fit into any column."""
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


async def write_end(
    write: Callable[[Sequence[RunResult]], Awaitable[RunResult]], end: RunResult
) -> RunResult:
    """Call `write` with `end`, and with smaller ends too if Postgres refuses it.

    `write` runs in a transaction of its own, and writes and returns the first of the ends that
    Postgres accepts. A column may have become shorter, a constraint or a trigger may refuse the
    status, the database's encoding may lack a character. Raises `EndRefused` if Postgres refuses
    the status alone, and at once what `may_pass`.
    """
    try:
        return await write([end])
    except DatabaseError as error:
        if may_pass(error):
            raise
        refusal = error
    try:
        # All of them in one transaction, the whole end again: meanwhile it may be accepted.
        return await write([end, *_smaller(end, refusal)])
    except DatabaseError as error:
        if may_pass(error):
            raise
        raise EndRefused(str(refusal)) from refusal


async def first_accepted(
    write: Callable[[RunResult], Awaitable[T]], ends: Sequence[RunResult]
) -> tuple[RunResult, T]:
    """Call `write` with one end after the other, until Postgres accepts one.

    Return that end and what `write` returned. Raises the last refusal.
    """
    *others, last = ends
    for end in others:
        try:
            return end, await write(end)
        except DatabaseError as error:
            if may_pass(error):
                raise
    return last, await write(last)


def may_pass(error: DatabaseError) -> bool:
    """Return whether the same write may succeed later: an outage, a lock, a missing right."""
    passing = isinstance(error, DatabaseUnavailable | DatabaseConflict | DatabaseRefused)
    return passing and not isinstance(error, StatementFailing)


def in_ascii(text: str) -> str:
    r"""Return `text` with an escape such as `\u00e9` for each character that is not ASCII.

    JSON keeps its value.
    """
    return _BEYOND_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _smaller(end: RunResult, refusal: DatabaseError) -> Iterator[RunResult]:
    escaped = RunResult(
        end.status,
        end.summary_stats and in_ascii(end.summary_stats),
        end.error_message and in_ascii(end.error_message),
    )
    if escaped != end:
        yield escaped
    reason = in_ascii(errors.end_refused(end.status, end.error_message or "", str(refusal)))
    yield RunResult(RunStatus.FAILED, NOTHING_DONE, reason)
    yield RunResult(RunStatus.FAILED, None, bounded(in_ascii(str(refusal)), _SHORT))
    yield RunResult(RunStatus.FAILED, None, None)
