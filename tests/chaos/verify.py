"""What has to hold in the end, read from the database alone.

The backend's and the worker's tables say what there is, the ledger what was asked and done.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import asyncpg

from tests.chaos.schedule import Kind

__all__ = ["MAX_ATTEMPTS", "Found", "verify"]

MAX_ATTEMPTS = 3
_OPEN = ("pending", "running")
_OPEN_STATES = ("pending", "sampling", "profiling", "writing")

_REFUSED = ("The run could not be ended as it should", "string_data_right_truncation")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """How many runs there were, how they ended, and each broken promise as one sentence."""

    ends: Counter[str]
    violations: list[str]
    suggestions: int
    real_tables: int
    """Tables that DQX itself has profiled."""


@dataclass(frozen=True, slots=True)
class _Run:
    """All that the database holds of one run."""

    request: Row
    row: Row | None
    deeds: Sequence[Row]
    attempts: Sequence[Row]
    claims: Mapping[int, Row]
    progress: Sequence[Row]
    suggestions: Sequence[Row]
    """Those that it found: that there are, that were superseded, and that are gone."""
    superseded: Sequence[Row]
    gone: Sequence[Row]
    """Those that had moved to another run, and went with it."""
    writes: Sequence[Row]
    decided: Sequence[Row]
    tables: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def last_deed(self) -> Row | None:
        """What somebody decided about its end."""
        decisive = [deed for deed in self.deeds if deed["kind"] != Kind.RESET]
        return decisive[-1] if decisive else None

    def still_has(self, suggestion: Row) -> bool:
        """Tell whether a suggestion that it found is there and belongs to it."""
        return bool(suggestion.get("belongs_to") == self.request["run_id"])

    @property
    def set_back(self) -> bool:
        """Whether it was asked for again after it had begun."""
        return any(deed["kind"] == Kind.RESET for deed in self.deeds)

    @property
    def ended_by_a_worker(self) -> bool:
        """Whether a worker wrote its end, and the backend has not changed it since."""
        decided = any(deed["kind"] == Kind.DECIDE for deed in self.deeds)
        outcome = self.attempts[-1]["outcome"] if self.attempts else None
        there = self.row is not None and self.row["status"] not in _OPEN
        return there and not decided and outcome in ("completed", "failed", "cancelled")

    @property
    def counted(self) -> int:
        """The attempts that count since the run was last asked for: a reset begins anew."""
        asked = max(
            (deed["at"] for deed in self.deeds if deed["kind"] == Kind.RESET),
            default=self.request["at"],
        )
        return sum(
            attempt["counts"]
            for attempt in self.attempts
            if attempt["number"] in self.claims and self.claims[attempt["number"]]["at"] > asked
        )

    @property
    def refused(self) -> bool:
        """Whether Postgres refused what a worker wrote, as a column had become shorter."""
        # The run's own message may have been cut when the column became shorter.
        reported = [
            (self.row or {}).get("error_message"),
            *(table["error"] for table in self.progress),
        ]
        return any(words in (text or "") for text in reported for words in _REFUSED)

    @property
    def used_up(self) -> bool:
        """Whether it failed because every attempt that it may have was lost."""
        return (
            self.row is not None
            and self.row["status"] == "failed"
            and (self.counted >= MAX_ATTEMPTS)
        )


async def verify(connection: asyncpg.Connection, seed: int) -> Found:
    """Look at every run, every lease and every suggestion."""
    runs = await _read(connection)
    violations: list[str] = []
    ends: Counter[str] = Counter()
    for run in runs:
        ends[_end(run)] += 1
        violations += [
            f"seed {seed}: run {run.request['run_id']} {sentence}" for sentence in _broken(run)
        ]
    violations += [
        f"seed {seed}: run {lease['run_id']} has a lease left, of attempt {lease['attempt']} "
        f"of {lease['worker']}"
        for lease in await connection.fetch("SELECT * FROM dqx_worker.leases ORDER BY run_id")
    ]
    violations += [
        f"seed {seed}: run {run_id} {sentence}" for run_id, sentence in _wrongly_superseded(runs)
    ]
    violations += [
        f"seed {seed}: run {run_id} {sentence}" for run_id, sentence in _out_of_reach(runs)
    ]
    violations += [
        f"seed {seed}: run {one['run_id']} had {one['suggestion_id']}, {one['status']}, which moved"
        for one in await connection.fetch("SELECT * FROM chaos.moves WHERE status <> 'pending'")
    ]
    total = await connection.fetchval("SELECT count(*) FROM suggested_quality_checks")
    real = sum(
        table["state"] == "completed" and run.tables.get(table["schema_name"], 0) is None
        for run in runs
        for table in run.progress
    )
    return Found(ends, violations, int(total), real)


async def _read(connection: asyncpg.Connection) -> list[_Run]:
    async def by_run(query: str) -> Mapping[str, list[Row]]:
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in await connection.fetch(query):
            found[row["run_id"]].append(dict(row))
        return found

    rows = await by_run("SELECT *, id AS run_id FROM data_profiling_runs")
    deeds = await by_run("SELECT * FROM chaos.deeds ORDER BY number")
    attempts = await by_run("SELECT * FROM dqx_worker.attempts ORDER BY number")
    claims = await by_run("SELECT * FROM chaos.claims")
    progress = await by_run("SELECT * FROM dqx_worker.table_progress ORDER BY schema_name")
    suggestions = await by_run("SELECT * FROM chaos.found ORDER BY suggestion_id")
    gone = await by_run("SELECT * FROM chaos.gone ORDER BY suggestion_id")
    superseded = await by_run(
        "SELECT * FROM chaos.superseded WHERE suggestion_id NOT IN"
        " (SELECT id FROM suggested_quality_checks) ORDER BY suggestion_id"
    )
    there = (
        "SELECT id FROM suggested_quality_checks UNION SELECT suggestion_id FROM chaos.superseded"
    )
    writes = await by_run(f"SELECT * FROM chaos.writes WHERE suggestion_id IN ({there})")
    decided = await by_run(
        "SELECT d.*, s.status AS now FROM chaos.decisions d"
        " LEFT JOIN suggested_quality_checks s ON s.id = d.suggestion_id"
    )
    return [
        _Run(
            request=dict(request),
            row=next(iter(rows.get(request["run_id"], ())), None),
            deeds=deeds.get(request["run_id"], ()),
            attempts=attempts.get(request["run_id"], ()),
            claims={claim["attempt"]: claim for claim in claims.get(request["run_id"], ())},
            progress=progress.get(request["run_id"], ()),
            suggestions=[
                *suggestions.get(request["run_id"], ()),
                *superseded.get(request["run_id"], ()),
                *gone.get(request["run_id"], ()),
            ],
            superseded=superseded.get(request["run_id"], ()),
            gone=gone.get(request["run_id"], ()),
            writes=writes.get(request["run_id"], ()),
            decided=decided.get(request["run_id"], ()),
            tables={
                table["schema"]: table["suggestions"] for table in json.loads(request["tables"])
            },
        )
        for request in await connection.fetch("SELECT * FROM chaos.requests ORDER BY at")
    ]


def _end(run: _Run) -> str:
    """Return in which way a run ended, for the summary."""
    deed = run.last_deed
    if run.row is None:
        return "deleted"
    if deed is not None and deed["kind"] == Kind.DECIDE:
        return f"{run.row['status']}, as somebody decided"
    if "Cancelled by" in (run.row["error_message"] or ""):
        return "cancelled by an operator"
    if run.used_up:
        poisoned = run.request["fate"] == "kills"
        return f"failed, attempts used up ({'poisoned' if poisoned else 'bad luck'})"
    return str(run.row["status"])


def _broken(run: _Run) -> Iterator[str]:
    yield from _wrong_end(run)
    yield from _wrong_suggestions(run)
    yield from _wrong_writers(run)
    yield from _wrong_attempts(run)
    for table in run.progress:
        if table["state"] in _OPEN_STATES:
            yield (
                f"left the progress of {table['schema_name']} open, in {table['state']!r} "
                f"(attempt {table['attempt']})"
            )
    for decision in run.decided:
        if run.row is not None and decision["now"] != decision["status"]:
            yield (
                f"lost a decision: suggestion {decision['suggestion_id']} was "
                f"{decision['status']} and is {decision['now']}"
            )


def _wrong_end(run: _Run) -> Iterator[str]:
    deed, row = run.last_deed, run.row
    if row is None:
        if deed is None or deed["kind"] != Kind.DELETE_RUN:
            yield "is gone, and nobody deleted it"
        return
    status = row["status"]
    if deed is not None and deed["kind"] == Kind.DELETE_RUN:
        yield f"was deleted and is there, {status!r}"
    elif deed is not None and deed["kind"] == Kind.DECIDE:
        if status != deed["word"]:
            yield f"was set to {deed['word']!r} and is {status!r}"
    elif status in _OPEN:
        yield f"is left {status!r} ({_last_attempt(run)})"
    elif not _as_it_should(run, row):
        wanted = "completed" if run.request["fate"] == "completes" else "failed"
        yield f"is {status!r} and should be {wanted!r}: {row['error_message']}"
    elif status == "failed" and not row["error_message"]:
        yield "failed without a message"


def _as_it_should(run: _Run, row: Row) -> bool:
    deed, status = run.last_deed, row["status"]
    if deed is not None and deed["kind"] == Kind.CANCEL:
        cancelled = status == "failed" and "Cancelled by" in (row["error_message"] or "")
        # One that came too late, or failed, has reported so: the run ended by itself.
        if cancelled or deed["exit_code"] == 0:
            return cancelled
    if run.request["fate"] == "completes":
        return status == "completed" or run.used_up or run.refused
    if run.request["fate"] == "kills":
        return run.used_up
    return bool(status == "failed")


def _last_attempt(run: _Run) -> str:
    if not run.attempts:
        return "no attempt was made"
    last = run.attempts[-1]
    return f"attempt {last['number']} of {last['worker']}: {last['outcome'] or 'open'}"


def _wrong_suggestions(run: _Run) -> Iterator[str]:
    if run.row is None:
        if left := sum(map(run.still_has, run.suggestions)):
            yield f"is gone and has {left} suggestions"
        return
    same = Counter((one["schema_name"], one["implementation"]) for one in run.suggestions)
    for (schema, implementation), count in same.items():
        if count > 1:
            yield f"has a suggestion {count} times: {schema} {implementation}"
    found = Counter(one["schema_name"] for one in run.suggestions)
    for schema in found.keys() - run.tables.keys():
        yield f"has suggestions of {schema}, which nobody asked for"
    deed = run.last_deed
    if deed is not None and deed["kind"] == Kind.DECIDE:
        if len(run.suggestions) != deed["suggestions"]:
            yield (
                f"had {deed['suggestions']} suggestions when it was set to {deed['word']!r} and "
                f"has {len(run.suggestions)}"
            )
        return
    if run.row["status"] in _OPEN:
        return
    if run.set_back and not all(map(run.still_has, run.suggestions)):
        # What a later run had by then was not suggested once more.
        return
    whole = run.row["status"] == "completed" or (
        run.request["fate"] == "fails" and not _cut_short(run)
    )
    yield from _wrong_counts(run, found, whole=whole)


def _cut_short(run: _Run) -> bool:
    """Tell whether the run ended before all its tables had."""
    message = (run.row and run.row["error_message"]) or ""
    return run.used_up or run.refused or "Cancelled by" in message


def _wrong_counts(run: _Run, found: Counter[str], *, whole: bool) -> Iterator[str]:
    """All of a table's suggestions are there or none; of a run that was done, all."""
    written = {table["schema_name"]: table for table in run.progress}
    for schema, expected in run.tables.items():
        table = written.get(schema)
        if expected is None:
            expected = (table["suggestions"] or 0) if table else 0  # noqa: PLW2901
            if whole and not expected and not _held_back(table):
                yield f"has no suggestion of the real table {schema}"
        if found[schema] != expected and (whole or found[schema]):
            yield f"has {found[schema]} suggestions of {schema} and should have {expected}"
        if whole and (table is None or (table["suggestions"] or 0) != found[schema]):
            yield f"tells of {table and table['suggestions']} suggestions of {schema}"
    stats = json.loads((run.row and run.row["summary_stats"]) or "{}")
    if whole and stats.get("total_suggestions") != len(run.suggestions):
        yield (
            f"tells of {stats.get('total_suggestions')} suggestions in summary_stats and has "
            f"{len(run.suggestions)}"
        )


def _wrongly_superseded(runs: Sequence[_Run]) -> Iterator[tuple[str, str]]:
    """What waits goes when a later run of the contract has written; no check waits twice."""
    waiting: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for number, run in enumerate(runs):
        run_id, contract = run.request["run_id"], run.request["contract_id"]
        gone = {one["suggestion_id"] for one in (*run.superseded, *run.gone)}
        for one in run.suggestions:
            if one["status"] == "pending" and one["suggestion_id"] not in gone:
                waiting[contract, one["schema_name"], one["implementation"]].append(run_id)
        for one in run.superseded:
            if one["status"] != "pending":
                yield run_id, f"had {one['suggestion_id']}, {one['status']}, which was superseded"
            if not any(
                later.request["contract_id"] == contract
                and (later.row is None or _has_written(later, one["schema_name"]))
                for later in runs[number + 1 :]
            ):
                yield run_id, f"had {one['suggestion_id']}, which nothing has superseded"
    for (_, schema, implementation), of_runs in waiting.items():
        if len(of_runs) > 1:
            yield of_runs[0], f"has what waits {len(of_runs)} times: {schema} {implementation}"


def _out_of_reach(runs: Sequence[_Run]) -> Iterator[tuple[str, str]]:
    """What waits belongs to the newest run of its contract that a worker has ended, or a newer.

    What a run had written when the backend decided it, the next end of one moves.
    """
    asked = {run.request["run_id"]: _asked(run) for run in runs if run.ended_by_a_worker}
    newest: dict[str, tuple[Any, str]] = {}
    for run in runs:
        if run.ended_by_a_worker:
            contract = run.request["contract_id"]
            newest[contract] = max(newest.get(contract, _asked(run)), _asked(run))
    for run in runs:
        last = newest.get(run.request["contract_id"])
        for one in run.suggestions:
            place = asked.get(one.get("belongs_to", ""))
            if one["status"] == "pending" and place and last and place < last:
                yield place[1], f"has {one['suggestion_id']}, which waits out of reach"


def _asked(run: _Run) -> tuple[Any, str]:
    assert run.row is not None
    return run.row["started_at"], run.row["id"]


def _has_written(run: _Run, schema: str) -> bool:
    return any(
        (table["schema_name"], table["state"]) == (schema, "completed") for table in run.progress
    )


def _held_back(table: Row | None) -> bool:
    """Tell whether checks of a table were not suggested: people may have decided on all of them."""
    return bool(json.loads((table and table["summary"]) or "{}").get("held_back"))


def _wrong_writers(run: _Run) -> Iterator[str]:
    """Every suggestion was written by the holder of the lease, a table's all in one attempt."""
    attempts = {attempt["number"]: attempt for attempt in run.attempts}
    by_table: defaultdict[str, set[int | None]] = defaultdict(set)
    for write in run.writes:
        by_table[write["schema_name"]].add(write["attempt"])
        claim = run.claims.get(write["attempt"])
        what = f"suggestion {write['suggestion_id']}"
        if claim is None:
            yield f"got {what} from {write['login']} while nobody had a lease"
            continue
        ended = attempts[write["attempt"]]["ended_at"] if write["attempt"] in attempts else None
        if claim["login"] != write["login"]:
            yield f"got {what} from {write['login']} while {claim['login']} had the lease"
        elif write["at"] < claim["at"] or (ended is not None and write["at"] > ended):
            yield f"got {what} outside the attempt {write['attempt']} that wrote it"
    for schema, writers in by_table.items():
        # One that was set back writes anew what a later run had superseded.
        if len(writers) > 1 and not run.set_back:
            yield f"got the suggestions of {schema} from {len(writers)} attempts"


def _wrong_attempts(run: _Run) -> Iterator[str]:
    if run.counted > MAX_ATTEMPTS:
        yield f"had {run.counted} attempts that count, and may have {MAX_ATTEMPTS}"
    for attempt in run.attempts:
        if attempt["ended_at"] is None and (run.row is None or run.row["status"] not in _OPEN):
            yield f"has ended, and attempt {attempt['number']} of {attempt['worker']} is open"
    for earlier, later in pairwise(run.attempts):
        claim = run.claims.get(later["number"])
        if claim and earlier["ended_at"] and claim["at"] < earlier["ended_at"]:
            yield f"had attempts {earlier['number']} and {later['number']} at the same time"
    deed = run.last_deed
    if deed is not None and (settled := _settled_at(deed)):
        for number, claim in run.claims.items():
            if claim["at"] > settled:
                yield f"was claimed (attempt {number}) after its end was decided ({deed['kind']})"


def _settled_at(deed: Row) -> Any:
    if deed["kind"] == Kind.CANCEL:
        return deed["answered_at"] if deed["exit_code"] == 0 else None
    return deed["at"]
