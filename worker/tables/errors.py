"""What can be wrong with a table or with Spark: the types, and the words for tables.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.telemetry.cures import message

__all__ = ["EngineError", "TableError", "TableUnavailable", "ThreadsStuck"]


class TableError(Exception):
    """This table can't be profiled, now or later. The message is for the sender of the request."""


class TableUnavailable(Exception):
    """This table can't be profiled now; the cause may pass, so it is worth another try."""


class EngineError(Exception):
    """Spark could not be started: the set-up is wrong."""


class ThreadsStuck(EngineError):
    """Too many threads hang in Spark or files: the process has to be replaced."""


@message(cure="correct the schema's physical name, or put the table where it says.")
def not_found(kind: str, name: str) -> TableError:
    """The table or file that the contract names is not there, or vanished while it was read."""
    return TableError(f"{kind} {name} was not found")


@message(cure="write the file anew; a `.parquet` file has to be parquet, a `.csv` file CSV.")
def unreadable(kind: str, name: str) -> TableError:
    """Spark could not make sense of the file: it is cut off, damaged, or of another format."""
    return TableError(f"{kind} {name} can't be read: it is damaged or of another format")


@message(cure="look the condition up in Spark's list of error conditions.")
def spark_reports(kind: str, name: str, condition: str) -> TableError:
    """Spark raised an error that the worker has no words for; the condition is Spark's own name."""
    return TableError(f"{kind} {name} can't be read: Spark reports {condition}")


@message(
    cure=("correct `profiler.filter`, or give it in `tables` to the tables alone that it fits.")
)
def filter_not_applicable(name: str, condition: str) -> TableError:
    """Spark can't apply the filter of the run's options to this table's columns.

    A column is spelled in another way, also in another case, or the text is no condition; the
    condition is Spark's own name.
    """
    return TableError(f"the filter can't be applied to {name}: Spark reports {condition}")


@message(cure="if it comes again, look at the state of Spark's compute, or of the storage.")
def may_pass(kind: str, name: str, condition: str) -> TableUnavailable:
    """Spark, the way to it, or a file system failed in a manner that may pass.

    A connection or the session was lost, a service throttles, a call took too long, a file system
    can't reach its storage. The condition is Spark's own name, or the kind of error. The table is
    tried once more, then the run waits and is tried again.
    """
    return TableUnavailable(f"{kind} {name} can't be read now: {condition}")


@message(
    cure=(
        "see whether its storage answers, and what else the compute is busy with; raise "
        "DQX_WORKER_TABLE_DEADLINE, or lower DQX_WORKER_SAMPLE_LIMIT; then `dqx-worker retry RUN`."
    )
)
def table_deadline(name: str, seconds: object) -> TableError:
    """Finding, reading and profiling the table took longer than a table may; it was interrupted.

    It is not retried: it may hang for as long again, and cost another thread.
    """
    return TableError(
        f"table {name} was not profiled within {seconds} s (DQX_WORKER_TABLE_DEADLINE)"
    )


@message(cure="give the table columns; a CSV file needs a header.")
def no_columns(name: str) -> TableError:
    """The table has no column at all, as an empty CSV file."""
    return TableError(f"table {name} has no columns")


@message(cure="write the file without such types.")
def user_defined_type(name: str) -> TableError:
    """A file says that a column is of a user-defined type, whose module pyspark would import."""
    return TableError(f"table {name} has a column of a user-defined type")


@message(cure="profile a view of fewer columns, or raise DQX_WORKER_MAX_COLUMNS.")
def too_many_columns(name: str, columns: object, limit: object) -> TableError:
    """The table is wider than the worker may profile. Each field of a struct is a column."""
    return TableError(
        f"table {name} has {columns} columns, the limit is {limit} (DQX_WORKER_MAX_COLUMNS)"
    )


@message(cure="type the name anew.")
def control_characters(name: str) -> TableError:
    """The physical name holds a line break, a NUL or another character that can't be seen."""
    return TableError(f"table {name} holds control characters")


@message(cure="write `catalog.schema.table`; put a part with blanks or signs in back-quotes.")
def not_a_name(name: str) -> TableError:
    """The physical name is neither a path nor one to three parts with dots between them."""
    return TableError(
        f"{name} is not the name of a table: expected catalog.schema.table, with "
        "parts that hold blanks or signs in back-quotes"
    )


@message(cure="register the data as a table of a catalog and name that.")
def url(name: str) -> TableError:
    """The physical name is an address, such as s3://… or https://…."""
    return TableError(
        f"{name} is a URL: only tables of a catalog and files below DQX_WORKER_ROOTS may be "
        "profiled"
    )


@message(cure="name the table, or the file by its path below DQX_WORKER_ROOTS.")
def file_through_sql(name: str) -> TableError:
    """The physical name would make Spark read a file as a table."""
    return TableError(f"{name} reads a file through SQL: that is not allowed")


@message(cure="none; these are never profiled.")
def system_table(name: str) -> TableError:
    """The table belongs to the catalog `system` or to an `information_schema`."""
    return TableError(f"table {name} belongs to the system and is never profiled")


@message(cure="have the operator add a pattern, or name another table.")
def not_allowed(name: str, allowed: str) -> TableError:
    """No pattern of DQX_WORKER_TABLES fits the table."""
    return TableError(f"table {name} may not be profiled: DQX_WORKER_TABLES allows {allowed}")


@message(cure="write the schema's physical name as `catalog.schema.table`.")
def not_a_full_name(name: str, allowed: str) -> TableError:
    """Patterns of DQX_WORKER_TABLES are held against full names, and the name is a short one."""
    return TableError(f"{not_allowed(name, allowed)}; give its full name, catalog.schema.table")
