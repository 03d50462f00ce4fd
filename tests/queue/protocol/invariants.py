"""What each actor may change, and what is true at any time: PROTOCOL.md, as the database shows it.

A rule gets the committed state before and after one commit of its actor. Nothing else commits
between the two, apart from heartbeats that had waited, and these change no right.
"""

from collections import defaultdict
from collections.abc import Callable, Collection

from tests.queue.protocol.scripts import MAX_ATTEMPTS, SLOTS, TABLES, check_ids
from tests.queue.protocol.state import Attempt, Lease, Run, State, changed_runs

__all__ = [
    "Broken",
    "Rule",
    "adopts",
    "always",
    "at_the_end",
    "beats",
    "cancels",
    "cancels_all",
    "claims",
    "claims_as_a_job",
    "decides",
    "prunes",
    "rescues",
    "works",
]

CARRIED_ON = ("given_back", "postponed", "expired")
ENDED = ("completed", "failed", "cancelled")

Rule = Callable[[State, State], None]


class Broken(AssertionError):
    """A sentence of the protocol does not hold."""


def need(holds: object, sentence: str) -> None:
    if not holds:
        raise Broken(sentence)


def works(run: str, attempt: int, token: str) -> Rule:
    """A holder of a lease writes only under it, and only for a run that is still its own."""

    def rule(before: State, after: State) -> None:
        changed = changed_runs(before, after)
        if not changed:
            return
        need(changed == {run}, f"attempt {attempt} at {run} wrote of other runs: {changed}")
        lease = before.leases.get(run)
        if lease is None or lease.token != token:
            raise Broken(f"attempt {attempt} at {run} wrote with a dead token")
        _leaves_other_attempts(before, after, run, attempt)
        closed = after.attempts[run, attempt]
        if run in after.leases:
            need(after.leases[run].right == lease.right, "a holder changed its lease's right")
            need(closed == before.attempts[run, attempt], "an attempt was closed under its lease")
            need(_ours(before, lease), f"a write under a decision of somebody else's: {run}")
            need(lease.cancel is None, "a write after a cancel was committed")
            need(after.runs[run] == before.runs[run], "a write changed the run's row")
            for name, row in after.tables_of(run).items():
                if row != before.tables_of(run).get(name):
                    need(row.attempt in (attempt, _attempt_before(before, run, name)), "a table")
            new = after.suggestions_of(run).items() - before.suggestions_of(run).items()
            need(all(one.mark == str(attempt) for _, one in new), "another attempt's suggestions")
            return
        _written_nothing(before, after, run)
        if closed.outcome == "overruled":
            need(after.runs.get(run) == before.runs.get(run), "an overruled attempt wrote the row")
            need(not closed.counts, "an overruled attempt counts")
            return
        need(_ours(before, lease), f"the end was written over somebody else's status: {run}")
        _ends(after.runs[run], closed, cancel=lease.cancel)
        if closed.outcome in CARRIED_ON:
            need(not lease.job, "the run of a job went back to pending")
            need(closed.counts == (closed.outcome == "postponed"), "what counts as a try")

    return rule


def claims(worker: str) -> Rule:
    """A claim takes requests that nobody has, each with the next number."""

    def rule(before: State, after: State) -> None:
        for run in changed_runs(before, after):
            _claimed(before, after, run, worker)
            need(run in before.requests(), f"{run} was claimed and was no request")
            waits = [one.not_before or 0 for one in before.attempts_of(run)]
            need(max(waits, default=0) <= after.now, f"{run} was claimed during its back-off")
            lease, last = after.leases[run], before.last_attempt(run)
            need(not lease.job and lease.cancel is None, "a worker's lease is another's kind")
            tries = last.tries + last.counts if last and last.outcome in CARRIED_ON else 1
            need(after.attempts[run, lease.attempt].tries == tries, f"the tries of {run}")
        held = [one for one in after.leases.values() if one.worker == worker]
        need(len(held) <= SLOTS, f"{worker} has more runs than slots")

    return rule


def claims_as_a_job(worker: str, run: str) -> Rule:
    """A job takes its own run alone, over an expired lease at most."""

    def rule(before: State, after: State) -> None:
        changed = changed_runs(before, after)
        if not changed:
            return
        need(changed == {run}, "a job touched another run than its own")
        lease = before.leases.get(run)
        if lease is not None:
            _taken_over(before, after, lease)
            need(after.attempts[run, lease.attempt].outcome == "expired", "a job's take-over")
        _claimed(before, after, run, worker, over=lease)
        need(before.runs[run].status in ("pending", "running"), f"a job claimed {run}, which ended")
        need(after.leases[run].job, "a job's lease is none")

    return rule


def rescues(before: State, after: State) -> None:
    """A rescue takes one expired lease, and leaves a row that somebody has decided."""
    changed = changed_runs(before, after)
    need(len(changed) <= 1, "a rescue took several leases in a transaction")
    for run in changed:
        lease = before.leases.get(run)
        if lease is None:
            raise Broken(f"{run} was rescued and had no lease")
        _taken_over(before, after, lease)
        need(run not in after.leases, f"{run} was rescued and has a lease")
        closed = after.attempts[run, lease.attempt]
        if not _ours(before, lease):
            need(after.runs.get(run) == before.runs.get(run), "a rescue wrote over a decision")
            need(closed.outcome == "overruled", "a rescue of a decided run")
            continue
        excused = lease.renewed_at < before.started and not _was_excused(before, lease)
        _ends(after.runs[run], closed, cancel=lease.cancel)
        if lease.cancel is None:
            need(closed.counts or closed.outcome == "expired", "an end that counts nothing")
            spent = not excused and closed.tries >= MAX_ATTEMPTS
            ends = lease.job or spent
            need((closed.outcome in ENDED) == ends, f"tries {closed.tries}: {closed.outcome}")
            need(lease.job or closed.counts == (not excused), "what counts as a try")


def adopts(worker: str) -> Rule:
    """What is adopted was running and nobody's; the adopter's own lease is then rescued."""

    def rule(before: State, after: State) -> None:
        for run in changed_runs(before, after):
            lease = before.leases.get(run)
            if lease is None:
                need(before.runs[run].status == "running", f"{run} was adopted and did not run")
                need(after.leases[run].worker == worker, f"{run} was adopted for another")
                need(before.runs == after.runs, "an adoption changed the run's row")
                _next_attempt(before, after, run)
                continue
            need(lease.worker == worker, f"{run} was adopted from others")
            need(run not in after.leases, f"{run} was adopted and has a lease")
            _written_nothing(before, after, run)
            closed = after.attempts[run, lease.attempt]
            if _ours(before, lease):
                ends = (*ENDED, "expired")
                need(closed.outcome in ends, f"an adopted run's attempt: {closed.outcome}")
                _ends(after.runs[run], closed, cancel=lease.cancel)
            else:
                need(after.runs.get(run) == before.runs.get(run), "a decision was written over")
                need(closed.outcome == "overruled", "an adopted run that was decided meanwhile")

    return rule


def cancels(worker: str, run: str) -> Rule:
    """A cancel marks a lease, or takes a request and ends it."""

    def rule(before: State, after: State) -> None:
        changed = changed_runs(before, after)
        if not changed:
            return
        need(changed == {run}, "a cancel touched another run")
        held, holds = before.leases.get(run), after.leases.get(run)
        if held is not None and held.worker == worker and holds is None:
            works(run, held.attempt, held.token)(before, after)
        elif held is not None and holds is None:
            # Its worker had died: who cancels takes the run over, and ends it.
            _taken_over(before, after, held)
            closed = after.attempts[run, held.attempt]
            if _ours(before, held):
                _ends(after.runs[run], closed, cancel=held.cancel or closed.reason)
            else:
                need(after.runs.get(run) == before.runs.get(run), "a cancel wrote over a decision")
                need(closed.outcome == "overruled", "a cancel of a decided run")
        elif held is not None:
            need(before.attempts == after.attempts, "a request to cancel changed attempts")
            need(before.runs == after.runs, "a request to cancel changed the run")
            _written_nothing(before, after, run)
            need(holds and holds.cancel is not None, "a cancel is not in the lease")
            need(holds and holds.token == held.token, "a cancel changed the token")
            need(held.cancel in (None, holds and holds.cancel), "a first cancel's words are gone")
        else:
            _claimed(before, after, run, worker)
            need(run in before.requests(), "a cancel claimed what was no request")
            need(holds and holds.cancel is not None, "a claim to cancel lacks its words")

    return rule


def cancels_all(worker: str) -> Rule:
    """Several requests that were never begun end at once; all others are cancelled one by one."""

    def rule(before: State, after: State) -> None:
        changed = changed_runs(before, after)
        if len(changed) == 1 and not _ended_unbegun(before, after, *changed):
            cancels(worker, *changed)(before, after)
            return
        for run in changed:
            need(_ended_unbegun(before, after, run), f"{run} was cancelled with others")
            need(run in before.requests(), f"{run} was cancelled and was no request")
            (attempt,) = after.attempts_of(run)
            need((attempt.number, attempt.worker) == (1, worker), f"the attempt that ended {run}")
            _ends(after.runs[run], attempt, cancel=attempt.reason)
            _written_nothing(before, after, run)

    return rule


def _ended_unbegun(before: State, after: State, run: str) -> bool:
    return not before.attempts_of(run) and run not in before.leases and run not in after.leases


def beats(worker: str) -> Rule:
    """A heartbeat changes nothing but how long its worker's own leases live."""

    def rule(before: State, after: State) -> None:
        need(not changed_runs(before, after), "a heartbeat changed a right")
        for run, lease in after.leases.items():
            if lease.expires_at > before.leases[run].expires_at:
                need(lease.worker == worker, f"{worker} renewed the lease of {lease.worker}")

    return rule


def prunes(before: State, after: State) -> None:
    """What is dropped belongs to runs that have ended, or are gone, and that nobody holds."""
    need(before.runs == after.runs, "pruning changed a run")
    need(before.suggestions == after.suggestions, "pruning changed suggestions")
    for run in changed_runs(before, after):
        status = before.runs[run].status if run in before.runs else "gone"
        need(status not in ("pending", "running"), f"{run} was pruned while {status}")
        need(run not in before.leases, f"{run} was pruned under a lease")


def decides(before: State, after: State) -> None:
    """The backend does what it likes with its own tables."""
    need(before.attempts == after.attempts, "the backend changed an attempt")


def always(state: State, theirs: Collection[str], lost: Collection[str]) -> None:
    """What is true of every committed state.

    `theirs` are runs that the backend wrote last, `lost` those that found suggestions which went
    with another run, to which they had moved.
    """
    for held, lease in state.leases.items():
        last = state.last_attempt(held)
        if last is None:
            raise Broken(f"{held} has a lease without an attempt")
        need(last.number == lease.attempt, f"the lease of {held} is not its last attempt's")
        need(last.open, f"{held} has a lease on an attempt that is closed")
    for one in state.attempts.values():
        need(not one.open or one.run in state.leases, f"an open attempt at {one.run} has no lease")
        need(one.tries <= MAX_ATTEMPTS, f"{one.run} is tried more often than it may be")
    for run in state.runs.values():
        if run.status == "running" and run.id not in state.leases:
            need(run.id in theirs, f"{run.id} is running and nobody's, by a worker's doing")
        if run.status in ENDED and run.id not in theirs:
            need(run.id not in state.leases, f"{run.id} has ended and has a lease")
            rows = state.tables_of(run.id).values()
            need(all(_is_over(row.state) for row in rows), f"a table of {run.id} is still open")
            need(run.completed_at is not None, f"{run.id} has ended at no time")
        if run.id not in lost:
            _one_attempt_each(state, run.id)


def at_the_end(state: State, theirs: Collection[str], lost: Collection[str]) -> None:
    """What is true when everybody has done what there was to do."""
    need(not state.leases, f"leases are left: {state.leases}")
    need(not state.requests(), f"requests have reached no end: {state.requests()}")
    for run in state.runs.values():
        if run.id in theirs:
            continue
        need(run.status in ENDED, f"{run.id} ended as {run.status}")
        need(
            run.status != "completed" or run.message is None, f"{run.id} was completed, and failed"
        )
        if run.status == "completed" and run.id not in lost:
            found = {one.table for one in state.suggestions_of(run.id).values()}
            need(
                found == set(TABLES), f"{run.id} is completed and has suggestions of {found} alone"
            )

    _gathered(state, theirs)


def _gathered(state: State, theirs: Collection[str]) -> None:
    """What waits belongs to the newest run that a worker has ended, or to a newer one.

    What a run had written when the backend decided it, its next end moves.
    """

    def place(run: Run) -> tuple[float, str]:
        return run.asked, run.id

    ended = [
        run
        for run in state.runs.values()
        if run.id not in theirs
        and (last := state.last_attempt(run.id)) is not None
        and last.outcome in ENDED
    ]
    newest = max(ended, key=place, default=None)
    for one in state.suggestions.values():
        if newest is not None and one.status == "pending" and one.at not in theirs:
            need(place(state.runs[one.at]) >= place(newest), f"{one.id} waits at {one.at}")


def _one_attempt_each(state: State, run: str) -> None:
    """Of one table all suggestions are of one attempt: of one for each time it was asked for."""
    lives = _lives(state, run)
    marks: dict[str, set[int]] = defaultdict(set)
    for one in state.suggestions_of(run).values():
        marks[one.table].add(int(one.mark))
    for table, attempts in marks.items():
        if not attempts <= lives.keys():
            # Pruned: it can't be told any more.
            continue
        of_lives = [lives[one] for one in attempts]
        need(len(set(of_lives)) == len(of_lives), f"{run} {table} is of attempts {attempts}")
        for attempt in attempts:
            need(f"{run} {table} {attempt}" in state.suggestions, f"a part of {run} {table}")
        row = state.tables_of(run).get(table)
        last = max(attempts)
        if row is not None and row.attempt in lives and lives[row.attempt] == lives[last]:
            need(row.state == "completed", f"{run} {table} has suggestions and is {row.state}")
            need(row.attempt == last, f"{run} {table} is of {last} and was done by {row.attempt}")
        if len(attempts) == 1:
            ids = {one.id for one in state.suggestions_of(run).values() if one.table == table}
            need(ids == check_ids(run, table, last), f"{run} {table} has {ids}")


def _lives(state: State, run: str) -> dict[int, int]:
    """Return, by their numbers, which time that the run was asked for its attempts belong to."""
    lives, life = {}, 0
    for one in sorted(state.attempts_of(run), key=lambda one: one.number):
        lives[one.number] = life
        life += one.outcome in ENDED
    return lives


def _ours(state: State, lease: Lease) -> bool:
    run = state.runs.get(lease.run)
    return run is not None and run.status == "running" and (run.job is None or lease.job)


def _was_excused(state: State, lease: Lease) -> bool:
    """Whether the attempt before the lease's was not counted because of an outage."""
    last = state.attempts.get((lease.run, lease.attempt - 1))
    return last is not None and last.outcome == "expired" and not last.counts


def _ends(run: Run, closed: Attempt, *, cancel: str | None) -> None:
    """The run's row says what the attempt's does."""
    if cancel is not None:
        need(closed.outcome == "cancelled", f"a cancel was committed, and {closed.outcome} won")
        need((run.status, run.message) == ("failed", cancel), "a cancelled run does not say so")
        return
    need(not closed.open and closed.outcome != "cancelled", "nobody cancelled it")
    if closed.outcome in CARRIED_ON:
        need(run.status == "pending", f"{closed.outcome}, and {run.status}")
    else:
        need(run.status == closed.outcome, f"{closed.outcome}, and {run.status}")


def _claimed(
    before: State, after: State, run: str, worker: str, *, over: Lease | None = None
) -> None:
    need(before.leases.get(run) == over, f"{run} was claimed and had a lease")
    lease = after.leases.get(run)
    if lease is None:
        raise Broken(f"{run} was claimed without a lease")
    need(lease.worker == worker, "a lease in another's name")
    need(after.runs[run].status == "running", f"{run} was claimed and is not running")
    need(after.runs[run].job == before.runs[run].job, "a claim changed a run_id")
    _next_attempt(before, after, run, but=over.attempt if over else None)
    _written_nothing(before, after, run)


def _taken_over(before: State, after: State, lease: Lease) -> None:
    need(lease.expires_at <= after.now, f"the lease on {lease.run} lives and was taken over")
    need(not after.attempts[lease.run, lease.attempt].open, "a take-over left the attempt open")
    _leaves_other_attempts(before, after, lease.run, lease.attempt)
    _written_nothing(before, after, lease.run)


def _next_attempt(before: State, after: State, run: str, *, but: int | None = None) -> None:
    last = before.last_attempt(run)
    number = last.number + 1 if last else 1
    new = after.attempts.keys() - before.attempts.keys()
    need((run, number) in new, f"{run} was claimed, and not as attempt {number}")
    for one in before.attempts_of(run):
        if one.number != but:
            need(after.attempts.get((run, one.number)) == one, "a claim changed an older attempt")


def _leaves_other_attempts(before: State, after: State, run: str, attempt: int) -> None:
    for one in before.attempts_of(run):
        if one.number != attempt:
            same = after.attempts.get((run, one.number)) == one
            need(same, f"attempt {one.number} at {run} was closed and changed")


def _written_nothing(before: State, after: State, run: str) -> None:
    same = before.suggestions_of(run) == after.suggestions_of(run)
    need(same, f"suggestions of {run} were written beside the protocol")


def _attempt_before(state: State, run: str, table: str) -> int | None:
    row = state.tables_of(run).get(table)
    return row.attempt if row else None


def _is_over(state: str) -> bool:
    return state in ("completed", "failed", "skipped")
