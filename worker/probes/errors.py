"""What keeps the probes from being served: the type, and the words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.telemetry.cures import message

__all__ = ["ProbesUnavailable"]


class ProbesUnavailable(Exception):
    """The probes can't be served where the settings ask for it."""


@message(
    cure=(
        "give DQX_WORKER_PROBES another address, such as 127.0.0.1:8687, or `off`; two workers on "
        "one machine need two ports."
    )
)
def cannot_serve_probes(address: str, reason: object) -> ProbesUnavailable:
    """The worker can't listen where DQX_WORKER_PROBES, or DATABRICKS_APP_PORT, has it listen.

    Another process has the port, the address is not this machine's, or the port is reserved.
    """
    return ProbesUnavailable(f"The probes can't be served at {address}: {reason}")
