"""An error of Postgres without the values of rows: its names, and a message that holds none."""

import re

import asyncpg

from worker.telemetry.text import NAME_LIMIT, bounded

__all__ = ["argument", "condition", "without_values"]

# Classes of SQLSTATE whose primary messages name objects, settings and the state of the server.
# Those of other classes may repeat a value: `invalid input syntax for type integer: "secret"`.
_NAMES_ONLY = frozenset(
    {"08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58"}
)
# The driver's own, before a statement is sent; the value follows.
_ARGUMENT = re.compile(r"invalid input for query argument \$\d+")

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# The driver's classes are named after Postgres' conditions, but for these.
_RENAMED = {
    "08000": "connection_exception",
    "08001": "sqlclient_unable_to_establish_sqlconnection",
    "08004": "sqlserver_rejected_establishment_of_sqlconnection",
    "09000": "triggered_action_exception",
    "0F000": "locator_exception",
    "0Z000": "diagnostics_exception",
    "22000": "data_exception",
    "22011": "substring_error",
    "22027": "trim_error",
    "2202E": "array_subscript_error",
    "22P01": "floating_point_exception",
    "2F000": "sql_routine_exception",
    "38000": "external_routine_exception",
    "38002": "modifying_sql_data_not_permitted",
    "38003": "prohibited_sql_statement_attempted",
    "38004": "reading_sql_data_not_permitted",
    "39000": "external_routine_invocation_exception",
    "39004": "null_value_not_allowed",
    "3B000": "savepoint_exception",
    "40001": "serialization_failure",
    "42000": "syntax_error_or_access_rule_violation",
    "42601": "syntax_error",
    "42803": "grouping_error",
    "42P20": "windowing_error",
    "58000": "system_error",
    "58030": "io_error",
    "F0000": "config_file_error",
    "HV000": "fdw_error",
    "HV010": "fdw_function_sequence_error",
    "P0000": "plpgsql_error",
    "P0001": "raise_exception",
    "P0004": "assert_failure",
    "XX000": "internal_error",
}


def condition(error: asyncpg.PostgresError) -> str:
    """Return Postgres' name for the error, and the table, the column and the constraint it names.

    The primary message follows only if no value of a row can be in it. DETAIL, HINT and CONTEXT
    may hold values and never follow.
    """
    places = ", ".join(_places(error))
    named = f"{_name(error)} ({places})" if places else _name(error)
    message = _message(error)
    return f"{named}: {message}" if message else named


def argument(error: BaseException) -> str:
    """Return which argument of a statement the driver could not encode, without its value."""
    found = _ARGUMENT.match(str(error))
    return found[0] if found else type(error).__name__


def without_values(error: BaseException | None) -> None:
    """Remove the values of rows from an error of Postgres, and from those that it came after.

    A traceback shows the driver's errors, too.
    """
    while error is not None:
        if isinstance(error, asyncpg.PostgresError):
            error.args = (_message(error) or _name(error),)
            error.detail = error.hint = None
        elif isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
            error.args = (argument(error),)
        error = error.__context__


def _places(error: asyncpg.PostgresError) -> list[str]:
    table = ".".join(filter(None, (error.schema_name, error.table_name)))
    named = (
        ("table", table if error.table_name else None),
        ("column", error.column_name),
        ("constraint", error.constraint_name),
    )
    return [f"{kind} {bounded(name, NAME_LIMIT)}" for kind, name in named if name]


def _message(error: asyncpg.PostgresError) -> str:
    text = str(error.args[0]) if error.args else ""
    if found := _ARGUMENT.match(text):
        return found[0]
    # An error with a context may come from a trigger's function, which can raise any SQLSTATE with
    # any text, and can run statements that it made of values.
    trusted = (error.sqlstate or "")[:2] in _NAMES_ONLY and not error.context
    return bounded(text, NAME_LIMIT) if trusted else ""


def _name(error: asyncpg.PostgresError) -> str:
    code = error.sqlstate
    if code in _RENAMED:
        return _RENAMED[code]
    for kind in type(error).__mro__:
        if code and vars(kind).get("sqlstate") == code:
            return _WORD.sub("_", kind.__name__.removesuffix("Error")).lower()
    return f"SQLSTATE {code}" if code else type(error).__name__
