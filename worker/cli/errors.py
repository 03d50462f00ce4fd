"""What the command line says of its own accord.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them. Imports nothing: it has to work where nothing else does.
"""

from worker.telemetry.cures import message

__all__ = [
    "cancel_one_or_select",
    "empty",
    "many_not_ended_yet",
    "no_contract",
    "no_schema",
    "not_a_port",
    "not_ended_yet",
    "one_run_needs_no_selection",
    "one_schema_only",
    "run_deleted",
    "unsupported_python",
]


@message(cure="install the worker with Python 3.11 or 3.12.")
def unsupported_python(version: str) -> str:
    """DQX 0.17 runs on Python 3.10 to 3.12, Spark 4.1 and newer on 3.11 and later."""
    return f"dqx-worker needs Python 3.11 or 3.12, this is {version}"


@message(cure="leave out the run to list runs, or leave out these options to see the one run.")
def one_run_needs_no_selection() -> str:
    """`status` was given a run together with `--status`, `--contract` or `--limit`."""
    return "--status, --contract and --limit select among runs: leave them out for one run"


@message(cure="name one run, or select several with `--contract`, `--status` or both.")
def cancel_one_or_select() -> str:
    """`cancel` was given neither a run nor a selection, or both."""
    return "name one run, or select runs with --contract and --status"


@message(cure="if the result is still wanted, enqueue it again.")
def run_deleted(run: str) -> str:
    """`enqueue --wait` or `status --watch` followed a run whose row or contract was deleted."""
    return f"Run {run} was deleted before it ended"


@message(cure="give the contract's id, as `data_contracts.id` has it.")
def no_contract(contract: str) -> str:
    """`checks` was asked for a contract that the backend does not have."""
    return f"There is no contract {contract}"


@message(cure="give the schema object's name, or leave `--schema` out.")
def no_schema(contract: str, schema: str) -> str:
    """`checks` was asked for a schema that the contract does not have."""
    return f"Contract {contract} has no schema {schema}"


@message(cure="name one with `--schema`, or print all of them with `--format odcs`.")
def one_schema_only(schemas: object) -> str:
    """`checks` was asked for checks of several tables, and DQX's files hold those of one."""
    return f"DQX's files are for one table, these are several: give --schema, one of {schemas}"


@message(cure="if the text is what the steward meant, change the check in the printed file.")
def rule_changed(suggestion: str, rule: str, check: str) -> str:
    """The text of a suggestion's `rule` is not that of the check in its `implementation`.

    A steward changed the text before accepting; DQX applies the implementation.
    """
    return (
        f'Suggestion {suggestion}: its rule reads "{rule}", but its implementation means '
        f'"{check}"; the implementation is printed'
    )


@message(cure="if another criticality is meant, change it in the printed file.")
def severity_unknown(suggestion: str, severity: str, criticality: str) -> str:
    """A suggestion has a severity other than `error`, `critical`, `warning` and `info`.

    The first two stand for the criticality `error`, the others for `warn`.
    """
    return (
        f'Suggestion {suggestion}: its severity "{severity}" stands for no criticality; '
        f"the implementation's is printed: {criticality}"
    )


@message(cure="let the launcher give `--contract_id`, `--schema_names` and `--profile_run_id`.")
def empty() -> str:
    """A parameter of `job` that has to name something is empty."""
    return "it is empty"


@message(cure="give a number such as 5432, or leave it empty.")
def not_a_port(highest: object) -> str:
    """`--postgres_port` of `job` is not the number of a port."""
    return f"a port is a number from 1 to {highest}"


@message(cure="see that a worker runs: the mark stays, and the first one that looks ends the run.")
def not_ended_yet(run: str, worker: str) -> str:
    """`cancel` has marked the run, and neither its worker nor another has ended it meanwhile."""
    return (
        f"run {run} is marked as cancelled and {worker} has not ended it yet: is a worker running?"
    )


@message(cure="see that a worker runs: the marks stay, and the first one that looks ends the runs.")
def many_not_ended_yet(number: object) -> str:
    """`cancel` has marked several runs, and no worker has ended these meanwhile."""
    return f"{number} of the runs are marked as cancelled and not ended yet: is a worker running?"
