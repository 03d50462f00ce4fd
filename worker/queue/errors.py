"""What can be wrong with a run that a job is to do, and with the end of any run.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.database.errors import DatabaseError
from worker.queue.claimed_run import LONGEST_ID
from worker.telemetry.cures import message
from worker.telemetry.text import CAUSE_LIMIT, NAME_LIMIT, bounded

__all__ = [
    "EndRefused",
    "RunEnded",
    "RunUnclaimable",
    "UnknownRun",
]


class EndRefused(DatabaseError):
    """Postgres refuses the end of a run, even its status alone: only people can help."""


class RunUnclaimable(Exception):
    """The run that a job is launched for does not exist, or another program works on it."""


class UnknownRun(RunUnclaimable):
    """An id names no run of the backend, or the beginning of an id names several."""


class RunEnded(RunUnclaimable):
    """The run that a job is launched for has ended already, with `status`."""

    def __init__(self, message: str, status: str) -> None:
        super().__init__(message)
        self.status = status


@message(
    cure=(
        "`dqx-worker status` lists the newest runs. For `job`, insert and commit the run's row "
        "before the job is launched, into the database and the schema that `--postgres_db` and "
        "`--postgres_schema` name."
    )
)
def no_such_run(run: str) -> UnknownRun:
    """A command was given the id of a run that the backend does not have."""
    return UnknownRun(f"There is no run {run}")


@message(cure="give `--contract_id` and `--profile_run_id` of the same row.")
def another_contracts_run(run: str, contract: str, wanted: str) -> RunUnclaimable:
    """`job` was given a run and a contract that do not belong together."""
    return RunUnclaimable(f"Run {run} belongs to contract {contract}, not to {wanted}")


@message(cure="launch the job for rows of source 'dqx' alone.")
def another_source(run: str, source: str) -> RunUnclaimable:
    """`job` was given a run that is not of source 'dqx'."""
    return RunUnclaimable(f"Run {run} is of source {source}, not dqx")


@message(
    cure=(
        "none if it is `completed`: the work is done. To have it done again, insert a new run, "
        "or set this one back to `pending`."
    )
)
def run_ended(run: str, status: str, message: str) -> RunEnded:
    """`job` was launched for a run that has ended; its row is left as it is."""
    return RunEnded(f"Run {run} has ended already: {status}{message}", status)


@message(
    cure=(
        "none is needed, that one ends the run. If the run should be a job's, let workers wait for "
        "longer than a launch takes, with DQX_WORKER_CLAIM_DELAY."
    )
)
def run_busy(run: str, worker: str, seconds: object) -> RunUnclaimable:
    """A worker or another job holds the run, and did not release it within the life of a lease."""
    return RunUnclaimable(f"Run {run} is being worked on by {worker}, also after {seconds} s")


@message(
    cure=(
        "none is needed for a request, which the next worker that looks ends as failed. Give rows "
        "shorter ids; the backend's own are UUIDs."
    )
)
def unleasable(run: str) -> RunUnclaimable:
    """The run's id, or its contract's, is longer than the worker's tables take."""
    return RunUnclaimable(
        f"Run {bounded(run, NAME_LIMIT)} can't be worked on: {id_too_long(LONGEST_ID)}"
    )


@message(cure="insert the request again with a shorter id; the backend's own are UUIDs.")
def id_too_long(limit: object) -> str:
    """A request's id, or its contract's, is longer than the worker's tables take."""
    return f"its id or its contract's id has more than {limit} bytes"


@message(cure="`dqx-worker resume`, once the reason is gone. Runs in work continue meanwhile.")
def claiming_paused(by: str, since: str, reason: str) -> str:
    """An operator paused claiming for all workers with `dqx-worker pause`."""
    return f"claiming is paused by {by} since {since}" + (f": {reason}" if reason else "")


@message(
    cure=("if it comes again, look at why that worker died: its log, the limits of its container.")
)
def not_heard_of(worker: str, seconds: str) -> str:
    """A worker died, was frozen or cut off while it worked on the run; its lease expired.

    Another worker takes the run over, as often as DQX_WORKER_MAX_ATTEMPTS says.
    """
    return f"worker {worker} was not heard of for {seconds} s"


@message(
    cure=(
        "what the reasons say; then send a new request. A run that kills its worker each time "
        "often needs more memory than there is: see DQX_WORKER_SAMPLE_BYTES and "
        "DQX_WORKER_SPARK_MEMORY."
    )
)
def tries_used_up(attempts: object, reasons: str) -> str:
    """Every attempt at the run that was allowed broke off; the reason of each is named."""
    return f"Given up after {attempts} tries (DQX_WORKER_MAX_ATTEMPTS): {reasons}"


@message(cure="that of the condition; then send a new request.")
def end_refused(status: str, message: str, condition: str) -> str:
    """Postgres refused the run's row as the worker meant to write it, and accepted this one.

    A column may have become shorter; a constraint or a trigger of the backend may refuse the
    status; the database's encoding may lack a character.
    """
    meant = f"{status}: {bounded(message, CAUSE_LIMIT)}" if message else status
    return f"The run could not be ended as it should ({meant}). {condition}"


@message(cure="that of the condition, or cancel or delete the request.")
def claim_refused(cause: str) -> str:
    """Postgres refuses to change the request's row, and accepts others.

    A constraint that was added as NOT VALID, or a trigger of the backend, may refuse it. The other
    requests are claimed. This one is tried again after a back-off, which doubles up to an hour.
    """
    return f"The request could not be claimed: {cause}"


@message(cure="look for BEFORE triggers on the backend's table that return NULL, and for rules.")
def update_suppressed() -> DatabaseError:
    """Postgres accepted an UPDATE of the run's row, which was locked, and changed nothing."""
    return DatabaseError("Postgres changed nothing: a trigger or a rule suppresses the UPDATE")


@message(cure="that of the cause; then send a new request.")
def rescue_failed(failures: object, cause: str) -> str:
    """The run's worker died, and no other worker could take the run over."""
    return f"The run's worker died, and taking the run over failed {failures} times: {cause}"


@message(
    cure=(
        "let the backend's table accept an UPDATE of `status` by the worker's role: look at its "
        "triggers, constraints and column types. Then run `dqx-worker adopt` with the run's id."
    )
)
def stuck(cause: str) -> str:
    """Postgres refuses every end of the run, even its status alone, and so it stays `running`.

    Workers leave it alone from now on. `dqx-worker status` and `dqx-worker doctor` list it.
    """
    return f"The run's end could not be written: {cause}"
