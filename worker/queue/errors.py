"""What can be wrong with a request that the command line inserts, or a run that a job is to do.

Each function is one message; its docstring says what causes it and what cures it, and
docs/errors.md is made of them.
"""

__all__ = ["RunEnded", "RunUnclaimable", "UnknownContract"]


class UnknownContract(Exception):
    """A request names a contract that the backend does not have."""


class RunUnclaimable(Exception):
    """The run that a job is launched for is not there, or somebody else works on it."""


class RunEnded(RunUnclaimable):
    """The run that a job is launched for has ended already, with `status`."""

    def __init__(self, message: str, status: str) -> None:
        super().__init__(message)
        self.status = status


def unknown_contract(contract: str) -> UnknownContract:
    """`enqueue` was given a contract that the backend does not have.

    Cure: give the id of a contract, not its name.
    """
    return UnknownContract(f"There is no contract {contract}")


def no_such_run(run: str) -> RunUnclaimable:
    """The backend has no run of the id that `job` was given.

    Cure: insert and commit the run's row before the job is launched, into the database and the
    schema that `--postgres_db` and `--postgres_schema` name.
    """
    return RunUnclaimable(f"There is no run {run}")


def another_contracts_run(run: str, contract: str, wanted: str) -> RunUnclaimable:
    """`job` was given a run and a contract that do not belong together.

    Cure: give `--contract_id` and `--profile_run_id` of the same row.
    """
    return RunUnclaimable(f"Run {run} belongs to contract {contract}, not to {wanted}")


def another_source(run: str, source: str) -> RunUnclaimable:
    """`job` was given a run that is not of source 'dqx'.

    Cure: launch the job for rows of source 'dqx' alone.
    """
    return RunUnclaimable(f"Run {run} is of source {source}, not dqx")


def run_ended(run: str, status: str, message: str) -> RunEnded:
    """`job` was launched for a run that has ended; its row is left as it is.

    Cure: none where it is `completed`: the work is done. To have it done again, insert a new run,
    or set this one back to `pending`.
    """
    return RunEnded(f"Run {run} has ended already: {status}{message}", status)


def run_busy(run: str, worker: str, seconds: object) -> RunUnclaimable:
    """A worker or another job holds the run, and did not let go of it for as long as a lease lives.

    Cure: none is needed, that one ends the run. If the run should be a job's, let workers wait for
    longer than a launch takes, with DQX_WORKER_CLAIM_DELAY.
    """
    return RunUnclaimable(f"Run {run} is being worked on by {worker}, also after {seconds} s")
