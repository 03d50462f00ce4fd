"""Statements that fail."""

from worker.database.errors import DatabaseRefused
from worker.telemetry.cures import message


@message(
    cure=(
        "run this again after the first run has ended; until then the step 'rights' says what "
        "Postgres allows."
    )
)
def no_ended_run() -> str:
    """There is no run of the past to try the writes to the backend's tables on."""
    return "No ended run is there, so only the worker's own tables were written to"


@message(cure="see the message of the trigger, and have it let the worker's role write.")
def write_refused() -> str:
    """A trigger or a rule of the backend's tables refused a write to which the role has a right."""
    return "A trigger of the table says no"


@message(
    cure=(
        "give the role a policy (CREATE POLICY) or BYPASSRLS; look for BEFORE triggers that return "
        "NULL and for rules."
    )
)
def nothing_written(what: str) -> DatabaseRefused:
    """A write went through and changed no row: row-level security, a trigger or a rule took it."""
    return DatabaseRefused(f"{what} changed no row")


@message(
    cure=(
        "CREATE POLICY for the worker's role, or ALTER ROLE … BYPASSRLS. Where it is a function of "
        "a trigger that lacks a right, GRANT that, or make it SECURITY DEFINER."
    )
)
def policy_refuses() -> str:
    """The right is there, and row-level security or an own check of the table still refuses."""
    return "Row-level security or a trigger's function refuses the write"


@message(
    cure=(
        "give a column that the worker does not fill a default, or drop NOT NULL; have a CHECK "
        "allow the worker's values. A backend that is newer than the worker needs a newer worker."
    )
)
def constraint_refuses() -> str:
    """A constraint of the backend's table does not take what the worker writes."""
    return "A constraint of the table says no"


@message(
    cure=(
        "none is needed if it is rare: the worker tries again. pg_locks shows who holds it; a "
        "transaction that is left open has to be ended."
    )
)
def in_the_way() -> str:
    """Another transaction held a lock for longer than the worker waits."""
    return "Another session holds a lock"


@message(cure="free or add space on the server's disk.")
def disk_full() -> str:
    """The server has no space left to write to."""
    return "The server's disk is full"


@message(cure="see what the database is busy with (pg_stat_activity), and the network to it.")
def too_slow() -> str:
    """A small statement was not done before its deadline."""
    return "The database is slower than the worker waits for"


@message(
    cure=(
        "compare the backend's tables with the types that the worker knows (text for ids, names "
        "and messages); another version of the backend needs another version of the worker."
    )
)
def types_differ() -> str:
    """A column has another type than the backend of this worker's version gives it."""
    return "A column has a type that the worker does not know it by"


@message(
    cure=(
        "see the steps 'rights' and 'search path'; run `dqx-worker migrate` for the worker's own. "
        "For a trigger's function: ALTER FUNCTION … SET search_path = the schema that it needs."
    )
)
def relation_missing() -> str:
    """A table, a column or a function is not there, or not in the search_path.

    It may be one that the function of a trigger names without its schema: such a function runs with
    the worker's search_path.
    """
    return "Something that the worker uses is not there"


@message(
    cure=(
        "the message above is the server's own: look its code up in Postgres' list of error codes."
    )
)
def unknown_code(code: str) -> str:
    """Postgres refuses a statement for a reason that the doctor has no words for."""
    return f"SQLSTATE {code}"


@message(
    cure=(
        "look it up, with `dqx-worker --traceback doctor` for where it arose; if nothing on this "
        "machine explains it, report it."
    )
)
def unforeseen() -> str:
    """The doctor met an error that it does not know."""
    return "This error is not one that the worker knows"
