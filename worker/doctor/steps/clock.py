"""The step 'clock': how far this machine's clock and the backend's dates are off the database's."""

from typing import Any

from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.doctor.errors import login as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepResult

__all__ = ["check_clock"]

_NEWEST = load_sql(__package__, "newest_request")
_TRIES = 3
_TOLERATED = 5.0
"""Seconds."""
_SHORTEST_SHIFT, _LONGEST_SHIFT, _QUARTER = 1800.0, 14 * 3600.0, 900.0
"""Seconds. Time zones differ from UTC by quarters of an hour, by 14 hours at most."""
_OFF_A_QUARTER = 10.0
"""Seconds that may pass until a worker that runs sees a request."""


async def check_clock(setup: Setup) -> StepResult:
    """Ask the database for its time, a few times, and take the quickest answer."""
    answers = []
    request = None
    async with setup.database.take().connection() as connection:
        for _ in range(_TRIES):
            asked, began = setup.clock.now(), setup.clock.monotonic()
            there = await connection.fetchval("SELECT clock_timestamp()")
            took = setup.clock.monotonic() - began
            # By the time that the answer was made half of it was over, more or less.
            answers.append((took, (asked - there).total_seconds() + took / 2))
        if not (setup.readable.missing or setup.session.missing or setup.own_tables.missing):
            request = await _newest_request(connection)
    took, ahead = min(answers)
    ahead = round(ahead, 3)
    off = abs(ahead) > _TOLERATED + took
    remarks = [hint(errors.clocks_differ(f"{ahead:g}"))] if off else []
    detail: dict[str, object] = {"ahead_s": ahead, "round_trip_s": round(took, 3)}
    if request is not None:
        detail["newest_request"] = request
        remarks += _shifted(request)
    return StepResult(
        f"{abs(ahead):.3f} s {'ahead of' if ahead > 0 else 'behind'} the database's",
        detail,
        remarks,
    )


async def _newest_request(connection: Connection) -> dict[str, Any] | None:
    row = await connection.fetchrow(_NEWEST)
    return None if row is None else {**row, "late_s": round(row["late_s"], 1)}


def _shifted(request: dict[str, Any]) -> list[str]:
    """Return a remark if the request's date looks as if a time zone had shifted it."""
    late: float = request["late_s"]
    off_a_quarter = abs(late - _QUARTER * round(late / _QUARTER))
    a_shift = _SHORTEST_SHIFT <= late <= _LONGEST_SHIFT + _OFF_A_QUARTER
    shifted_back = request["seen"] and a_shift and off_a_quarter < _OFF_A_QUARTER
    if late < -_OFF_A_QUARTER or shifted_back:
        where = "after" if late < 0 else "before"
        return [hint(errors.dates_shifted(request["id"], f"{abs(late) / 3600:.2f} h {where}"))]
    return []
