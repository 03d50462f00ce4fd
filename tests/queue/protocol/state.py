"""What the database holds for everybody to see, read in one statement."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

__all__ = ["Attempt", "Lease", "Run", "State", "Suggestion", "TableRow", "changed_runs", "read"]

# Instants are seconds since 1970.
_READ = """
SELECT json_build_object(
    'now', extract(epoch FROM clock_timestamp()),
    'started', extract(epoch FROM pg_postmaster_start_time()),
    'runs', (SELECT json_agg(json_build_object(
        'id', id, 'status', status, 'job', run_id, 'summary', summary_stats,
        'message', error_message, 'completed_at', completed_at,
        'asked', extract(epoch FROM started_at))) FROM data_profiling_runs),
    'leases', (SELECT json_agg(json_build_object(
        'run', run_id, 'attempt', attempt, 'token', token, 'worker', worker, 'job', job,
        'cancel', cancel_requested, 'expires_at', extract(epoch FROM expires_at),
        'renewed_at', extract(epoch FROM renewed_at))) FROM dqx_worker.leases),
    'attempts', (SELECT json_agg(json_build_object(
        'run', run_id, 'number', number, 'worker', worker, 'tries', tries, 'counts', counts,
        'outcome', outcome, 'reason', reason, 'open', ended_at IS NULL,
        'not_before', extract(epoch FROM not_before)) ORDER BY number) FROM dqx_worker.attempts),
    'tables', (SELECT json_agg(json_build_object(
        'run', run_id, 'name', schema_name, 'attempt', attempt, 'state', state, 'error', error,
        'suggestions', suggestions)) FROM dqx_worker.table_progress),
    'suggestions', (SELECT json_agg(json_build_object(
        'id', id, 'run', split_part(id, ' ', 1), 'at', profile_run_id, 'table', schema_name,
        'mark', rationale,
        'status', status)) FROM suggested_quality_checks)
)::text
"""


@dataclass(frozen=True, slots=True)
class Run:
    id: str
    status: str
    job: str | None
    summary: str | None
    message: str | None
    completed_at: str | None
    asked: float


@dataclass(frozen=True, slots=True)
class Lease:
    run: str
    attempt: int
    token: str
    worker: str
    job: bool
    cancel: str | None
    expires_at: float
    renewed_at: float

    @property
    def right(self) -> tuple[object, ...]:
        """What it is, apart from how long it lives."""
        return self.run, self.attempt, self.token, self.worker, self.job, self.cancel


@dataclass(frozen=True, slots=True)
class Attempt:
    run: str
    number: int
    worker: str
    tries: int
    counts: bool
    outcome: str | None
    reason: str | None
    open: bool
    not_before: float | None

    @property
    def facts(self) -> tuple[object, ...]:
        """What it is, apart from its back-off: time is moved by that."""
        return (self.worker, self.tries, self.counts, self.outcome, self.reason, self.open)


@dataclass(frozen=True, slots=True)
class TableRow:
    run: str
    name: str
    attempt: int
    state: str
    error: str | None
    suggestions: int | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    id: str
    run: str
    """The one that found it."""
    at: str = field(compare=False)
    """The one that it belongs to by now."""
    table: str
    mark: str
    """Which attempt wrote it."""
    status: str


@dataclass(frozen=True, slots=True)
class State:
    now: float
    started: float
    runs: Mapping[str, Run]
    leases: Mapping[str, Lease]
    attempts: Mapping[tuple[str, int], Attempt]
    tables: Mapping[tuple[str, str], TableRow]
    suggestions: Mapping[str, Suggestion]

    def attempts_of(self, run: str) -> list[Attempt]:
        return [one for one in self.attempts.values() if one.run == run]

    def last_attempt(self, run: str) -> Attempt | None:
        return max(self.attempts_of(run), key=lambda one: one.number, default=None)

    def tables_of(self, run: str) -> dict[str, TableRow]:
        return {one.name: one for one in self.tables.values() if one.run == run}

    def suggestions_of(self, run: str) -> dict[str, Suggestion]:
        return {one.id: one for one in self.suggestions.values() if one.run == run}

    def requests(self) -> set[str]:
        return {one.id for one in self.runs.values() if one.status == "pending" and not one.job}

    def about(self, run: str) -> tuple[object, ...]:
        """All that is known of a run, apart from what time does."""
        lease = self.leases.get(run)
        return (
            self.runs.get(run),
            lease and lease.right,
            [(one.number, one.facts) for one in self.attempts_of(run)],
            self.tables_of(run),
            self.suggestions_of(run),
        )


async def read(connection: Any) -> State:
    """Return what is committed."""
    found = json.loads(await connection.fetchval(_READ))
    for run in found["runs"] or ():
        # JSON has no infinity: it is a text.
        run["asked"] = float(run["asked"])

    def rows(what: str, kind: type[Any]) -> Iterator[Any]:
        names = [one.name for one in fields(kind)]
        return (kind(**{name: row[name] for name in names}) for row in found[what] or ())

    return State(
        now=found["now"],
        started=found["started"],
        runs={one.id: one for one in rows("runs", Run)},
        leases={one.run: one for one in rows("leases", Lease)},
        attempts={(one.run, one.number): one for one in rows("attempts", Attempt)},
        tables={(one.run, one.name): one for one in rows("tables", TableRow)},
        suggestions={one.id: one for one in rows("suggestions", Suggestion)},
    )


def changed_runs(before: State, after: State) -> set[str]:
    """Return the runs of which anything is different."""
    known = {
        *before.runs,
        *after.runs,
        *before.leases,
        *after.leases,
        *(run for run, _ in (*before.attempts, *after.attempts, *before.tables, *after.tables)),
        *(one.run for one in (*before.suggestions.values(), *after.suggestions.values())),
    }
    return {run for run in known if before.about(run) != after.about(run)}
