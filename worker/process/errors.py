"""What a process says of the database's delays: types, and the words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.database.errors import DatabaseUnavailable
from worker.telemetry.cures import message


@message(cure="none is needed: the run is a request again, and has lost no try.")
def answer_lost() -> str:
    """The database's answer to a claim got lost, and the worker could no longer begin the run."""
    return "the answer to its claim got lost"


@message(
    cure=(
        "start Postgres, or correct POSTGRES_HOST and POSTGRES_PORT if they name another place. A "
        "Postgres that takes longer to start needs a longer DQX_WORKER_START_PATIENCE, one that "
        "takes longer to let someone in a longer DQX_WORKER_CONNECT_TIMEOUT."
    )
)
def away_at_start(seconds: object, reason: object) -> str:
    """Postgres, or a token for it, was unavailable at the start and until the patience ended.

    The reason is that of the last try.
    """
    return f"Postgres was not available for {seconds} s from the start on: {reason}"


@message(
    cure=(
        "if the server is there and far away, raise DQX_WORKER_CONNECT_TIMEOUT; else correct "
        "POSTGRES_HOST and POSTGRES_PORT, or have a firewall let the worker through."
    )
)
def too_slow_to_connect(reason: object, seconds: object) -> str:
    """Nothing answers at that address, or a login there takes longer than the worker waits."""
    return f"{reason} (DQX_WORKER_CONNECT_TIMEOUT is {seconds} s)"


@message(
    cure=(
        "raise DQX_WORKER_LEASE, for all workers of the database, or run the worker closer to "
        "Postgres."
    )
)
def lease_too_short(lease: object, reason: object) -> DatabaseUnavailable:
    """Postgres is too far away or too slow for the heartbeat, whose deadlines are parts of a lease.

    Every beat would be late, and the worker's runs would be taken over.
    """
    return DatabaseUnavailable(
        f"Postgres answers too slowly for a lease of {lease} s: raise DQX_WORKER_LEASE ({reason})"
    )
