"""What keeps a worker process from starting that is no other room's: types, and the words.

Each function is one message; its docstring says what causes it and what cures it, and
docs/errors.md is made of them.
"""

from worker.telemetry.cures import message

__all__ = ["ProbesUnavailable", "answer_lost", "cannot_serve_probes"]


class ProbesUnavailable(Exception):
    """The probes can't be served where the settings ask for it."""


@message
def cannot_serve_probes(address: str, reason: object) -> ProbesUnavailable:
    """The worker can't listen where DQX_WORKER_PROBES, or DATABRICKS_APP_PORT, has it listen.

    Another process has the port, the address is not this machine's, or the port is reserved.

    Cure: give DQX_WORKER_PROBES another address, such as 127.0.0.1:8687, or `off`; two workers on
    one machine need two ports.
    """
    return ProbesUnavailable(f"The probes can't be served at {address}: {reason}")


def answer_lost() -> str:
    """The database's answer to a claim got lost, and the worker could not begin the run any more.

    Cure: none is needed: the run is a request again, and has lost no try.
    """
    return "the answer to its claim got lost"
