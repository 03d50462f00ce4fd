"""Folders and tables that may be profiled."""

from worker.tables.errors import TableError
from worker.telemetry.cures import message

__all__ = ["RootsUnusable"]


class RootsUnusable(Exception):
    """A folder of DQX_WORKER_ROOTS can't be used, or there is none."""


@message(
    cure=("set DQX_WORKER_ROOTS to the folders whose files may be profiled, separated like PATH.")
)
def no_folder_open() -> RootsUnusable:
    """The engine `local` reads files alone, and no folder is open to the worker."""
    return RootsUnusable("DQX_WORKER_ROOTS is not set: no file may be profiled")


@message(
    cure=(
        "correct DQX_WORKER_ROOTS, or mount the folder at that path; in a container paths are the "
        "container's. Several folders are separated like PATH, with a colon."
    )
)
def root_missing(root: object) -> RootsUnusable:
    """A folder of DQX_WORKER_ROOTS is not there."""
    return RootsUnusable(f"DQX_WORKER_ROOTS: there is no folder {root}")


@message(
    cure=("give that user (10001 in the image) the right to read it: `chmod o+rx`, or its group.")
)
def root_unreadable(root: object, user: object) -> RootsUnusable:
    """The user that the worker runs as may not enter or list a folder of DQX_WORKER_ROOTS."""
    return RootsUnusable(f"DQX_WORKER_ROOTS: the user {user} may not read {root}")


@message(
    cure=(
        "see that the server or the mount behind it is there; tables on it run into their deadline."
    )
)
def root_silent(root: object, seconds: object) -> RootsUnusable:
    """The file system of a folder of DQX_WORKER_ROOTS does not answer."""
    return RootsUnusable(f"DQX_WORKER_ROOTS: {root} did not answer within {seconds} s")


@message(
    cure=(
        "open them with DQX_WORKER_TABLES, or DQX_WORKER_ROOTS for files; or correct the "
        "contracts' physical names."
    )
)
def none_allowed(count: object, example: object) -> TableError:
    """Contracts name tables, and none of them may be profiled with these settings."""
    return TableError(f"None of {count} tables of contracts may be profiled, such as: {example}")


@message(
    cure=(
        "name a file below DQX_WORKER_ROOTS in the contract, or choose an engine that reaches the "
        "catalog in DQX_WORKER_ENGINE."
    )
)
def no_catalog() -> str:
    """The table is one of a catalog, and the engine `local` has none that lasts: it reads files."""
    return "The engine local knows no catalog"


@message(cure="that of the table's own error: correct the schema's physical name, or the table.")
def some_unreadable(example: object) -> str:
    """Another table that a contract names may be profiled and can't be read."""
    return f"Another table can't be read: {example}"


@message(
    cure=(
        "look at the storage behind the table and at the engine's load; profiling it would take "
        "longer still."
    )
)
def table_silent(name: object, seconds: object) -> TableError:
    """The first row of a table did not come in time."""
    return TableError(f"{name} did not give a row within {seconds} s")
