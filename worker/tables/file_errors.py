"""What can be wrong with a file or a folder that is to be profiled: the words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.tables.errors import TableError
from worker.telemetry.cures import message


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


@message(cure="write the column as another type: a time or a UUID as text, a float16 as float.")
def unread_type(kind: str) -> str:
    """A column of a parquet file has a type that Spark does not read; the others are profiled."""
    return f"Spark does not read the type {kind}"


@message(cure="write the files anew, with one type for the column.")
def types_differ(kinds: str) -> str:
    """The files of a folder have a column in types that can't be read as one."""
    return f"its type differs between files: {kinds}"
