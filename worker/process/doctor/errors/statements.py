"""Statements that fail."""

from worker.database.errors import DatabaseRefused
from worker.telemetry.cures import message


@message
def no_ended_run() -> str:
    """There is no run of the past to try the writes to the backend's tables on.

    Cure: run this again after the first run has ended; until then the step 'rights' says what
    Postgres allows.
    """
    return "No ended run is there, so only the worker's own tables were written to"


@message
def write_refused() -> str:
    """A trigger or a rule of the backend's tables refused a write that the role has the right to.

    Cure: see the message of the trigger, and have it let the worker's role write.
    """
    return "A trigger of the table says no"


@message
def nothing_written(what: str) -> DatabaseRefused:
    """A write went through and changed no row: row-level security, a trigger or a rule took it.

    Cure: give the role a policy (CREATE POLICY) or BYPASSRLS; look for BEFORE triggers that return
    NULL and for rules.
    """
    return DatabaseRefused(f"{what} changed no row")


@message
def policy_refuses() -> str:
    """The right is there, and row-level security or an own check of the table still refuses.

    Cure: CREATE POLICY for the worker's role, or ALTER ROLE … BYPASSRLS. Where it is a function of
    a trigger that lacks a right, GRANT that, or make it SECURITY DEFINER.
    """
    return "Row-level security or a trigger's function refuses the write"


@message
def constraint_refuses() -> str:
    """A constraint of the backend's table does not take what the worker writes.

    Cure: give a column that the worker does not fill a default, or drop NOT NULL; have a CHECK
    allow the worker's values. A backend that is newer than the worker needs a newer worker.
    """
    return "A constraint of the table says no"


@message
def in_the_way() -> str:
    """Another transaction held a lock for longer than the worker waits.

    Cure: none is needed where it is rare: the worker tries again. pg_locks shows who holds it; a
    transaction that is left open has to be ended.
    """
    return "Another session holds a lock"


@message
def disk_full() -> str:
    """The server has no space left to write to.

    Cure: free or add space on the server's disk.
    """
    return "The server's disk is full"


@message
def too_slow() -> str:
    """A small statement was not done before its deadline.

    Cure: see what the database is busy with (pg_stat_activity), and the network to it.
    """
    return "The database is slower than the worker waits for"


@message
def types_differ() -> str:
    """A column has another type than the backend of this worker's version gives it.

    Cure: compare the backend's tables with the types that the worker knows (text for ids, names and
    messages); another version of the backend needs another version of the worker.
    """
    return "A column has a type that the worker does not know it by"


@message
def relation_missing() -> str:
    """A table, a column or a function is not there, or not in the search_path.

    It may be one that the function of a trigger names without its schema: such a function runs with
    the worker's search_path.

    Cure: see the steps 'rights' and 'search path'; run `dqx-worker migrate` for the worker's own.
    For a trigger's function: ALTER FUNCTION … SET search_path = the schema that it needs.
    """
    return "Something that the worker uses is not there"


@message
def unknown_code(code: str) -> str:
    """Postgres refuses a statement for a reason that the doctor has no words for.

    Cure: the message above is the server's own: look its code up in Postgres' list of error codes.
    """
    return f"SQLSTATE {code}"


@message
def unforeseen() -> str:
    """The doctor met an error that it does not know.

    Cure: look it up, with `dqx-worker --traceback doctor` for where it arose; if nothing on this
    machine explains it, report it.
    """
    return "This error is not one that the worker knows"
