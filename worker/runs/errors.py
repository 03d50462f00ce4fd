"""What can be wrong with a request that the command line inserts, or a run that it names.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.database.errors import DatabaseRefused
from worker.queue.errors import RunUnclaimable, UnknownRun
from worker.telemetry.cures import message

__all__ = ["RequestForbidden", "UnknownContract"]


class RequestForbidden(DatabaseRefused):
    """The role may not insert requests."""


class UnknownContract(Exception):
    """A request names a contract that the backend does not have."""


@message(cure="give the id of a contract, not its name.")
def unknown_contract(contract: str) -> UnknownContract:
    """`enqueue` was given a contract that the backend does not have."""
    return UnknownContract(f"There is no contract {contract}")


@message(
    cure=(
        "run the command with the login of the backend: set POSTGRES_USER and POSTGRES_PASSWORD to "
        "those of its role."
    )
)
def may_not_insert(role: str) -> RequestForbidden:
    """`enqueue` or `retry` logged in as a role that may not insert into `data_profiling_runs`.

    The worker's own role may not: inserting requests is the backend's task.
    """
    return RequestForbidden(
        f"The role {role} may not insert into data_profiling_runs. Use the backend's role"
    )


@message(cure="`dqx-worker migrate --grant-to ROLE`, with the login of the worker.")
def may_not_copy_options(role: str) -> RequestForbidden:
    """`retry` logged in as a role that may not read and write options of runs.

    The run may have options of its own, and another request without them is not the same.
    """
    return RequestForbidden(
        f"The role {role} may not read and write run_options, so the run's options can't be copied"
    )


@message(cure="wait for its end, or cancel it; then retry it.")
def not_ended(run: str, status: str) -> RunUnclaimable:
    """The run to retry waits, or a worker works on it."""
    return RunUnclaimable(f"Run {run} is {status}. Only a run that has ended can be retried")


@message(cure="`dqx-worker retry RUN --all` requests all of its tables again.")
def nothing_failed(run: str, tables: object) -> RunUnclaimable:
    """The summary of the run to retry shows each of its tables as profiled."""
    return RunUnclaimable(
        f"Run {run} has completed all of its tables ({tables}). Retry them all with --all"
    )


@message(cure="insert a new request with the names of the schemas: `dqx-worker enqueue`.")
def names_unreadable(run: str) -> RunUnclaimable:
    """The `schema_names` of the run to retry is no JSON array of names."""
    return RunUnclaimable(
        f"Run {run} names no schemas that could be retried: schema_names is no JSON array of texts"
    )


@message(cure="give more of the id. `dqx-worker status --json` has the whole ids.")
def several_runs(beginning: str) -> UnknownRun:
    """A command was given the beginning of an id, and several runs have it."""
    return UnknownRun(f"The ids of several runs begin with {beginning}: give more of the id")


@message(cure="cancel it again.")
def run_changes(run: str) -> RunUnclaimable:
    """The run was claimed and given back, over and over, while it was to be cancelled."""
    return RunUnclaimable(f"Run {run} changes all the time and could not be cancelled: try again")


@message(cure="none is needed; `dqx-worker cancel RUN` cancels it in any status.")
def status_changed(run: str, status: str) -> RunUnclaimable:
    """A run that was to be cancelled for its status has another one meanwhile."""
    return RunUnclaimable(f"Run {run} is {status} by now, and was left alone")


@message(
    cure=(
        "what the condition says: often another transaction holds the row, or a trigger of the "
        "backend raises. If the cancel is marked, a worker ends the run."
    )
)
def cancel_refused(run: str, error: object) -> str:
    """Postgres refused a statement of the cancel. The other runs are cancelled nevertheless."""
    return f"Run {run} could not be cancelled: {error}"


@message(cure="if no program works on it, `dqx-worker adopt` it; then cancel it.")
def unheld_run(run: str) -> RunUnclaimable:
    """The run to cancel is `running`, and no worker has a lease on it.

    Another program may be at it, or one that died has left it.
    """
    return RunUnclaimable(
        f"Run {run} is running and held by no worker. If no program works on it, run: "
        f"dqx-worker adopt {run}"
    )


@message(cure="cancel that job run.")
def a_jobs_run(run: str, job: str) -> RunUnclaimable:
    """The run to cancel waits for the Databricks job run that it names."""
    return RunUnclaimable(f"Run {run} belongs to the job run {job}: cancel that one")


@message(
    cure=("none is needed: the worker with the lease ends the run, or another worker rescues it.")
)
def not_adoptable(run: str, status: str, holder: str | None) -> RunUnclaimable:
    """The run to adopt is not `running`, not of source 'dqx', or a worker holds a lease on it."""
    held = f", {holder} has it" if holder else ""
    return RunUnclaimable(
        f"Run {run} is {status}{held}. "
        "Only a run that is running and held by no worker can be adopted"
    )


@message(cure="none is needed.")
def adopted(by: str) -> str:
    """An operator took the run over with `dqx-worker adopt`, as no worker held it."""
    return f"adopted by {by}: it was running and held by no worker"


@message(cure="none is needed; send a new request to have it done after all.")
def cancelled(by: str, reason: str) -> str:
    """An operator cancelled the run with `dqx-worker cancel`."""
    return f"Cancelled by {by}: {reason}"
