"""The exit codes, and which error ends in which: the one place that decides it."""

from enum import IntEnum

from worker.database.errors import (
    BackendTooNew,
    DatabaseError,
    NoPassword,
    SchemaVersionError,
    UnknownRole,
)
from worker.doctor.errors.files import RootsUnusable
from worker.probes.errors import ProbesUnavailable
from worker.queue.errors import RunUnclaimable, UnknownRun
from worker.queue.run_result import RunStatus
from worker.runs.errors import UnknownContract
from worker.settings import ConfigurationError
from worker.tables.errors import EngineError, TableError, ThreadsStuck
from worker.workspace.errors import WorkspaceError

__all__ = ["ExitCode", "code_of_end", "exit_code_of", "innermost"]


class ExitCode(IntEnum):
    """What a caller may rely on."""

    SUCCESS = 0
    USAGE = 2
    CONFIGURATION = 3
    DATABASE = 4
    SCHEMA_VERSION = 5
    WORKSPACE = 6
    ENGINE = 7
    RUN_FAILED = 10
    RUN_CANCELLED = 11
    STUCK_THREADS = 12


_CODES: tuple[tuple[type[Exception], ExitCode], ...] = (
    (UnknownContract, ExitCode.USAGE),
    (UnknownRun, ExitCode.USAGE),
    (RunUnclaimable, ExitCode.RUN_FAILED),
    (ConfigurationError, ExitCode.CONFIGURATION),
    (RootsUnusable, ExitCode.CONFIGURATION),
    (ProbesUnavailable, ExitCode.CONFIGURATION),
    (UnknownRole, ExitCode.CONFIGURATION),
    (SchemaVersionError, ExitCode.SCHEMA_VERSION),
    (BackendTooNew, ExitCode.SCHEMA_VERSION),
    (NoPassword, ExitCode.WORKSPACE),
    (WorkspaceError, ExitCode.WORKSPACE),
    (DatabaseError, ExitCode.DATABASE),
    (ThreadsStuck, ExitCode.STUCK_THREADS),
    (EngineError, ExitCode.ENGINE),
    (TableError, ExitCode.RUN_FAILED),
)


_ENDS: dict[str, ExitCode] = {
    RunStatus.COMPLETED: ExitCode.SUCCESS,
    RunStatus.FAILED: ExitCode.RUN_FAILED,
}


def code_of_end(status: str) -> ExitCode:
    """Return the code of a run that has ended with `status`, or was deleted."""
    return _ENDS.get(status, ExitCode.RUN_CANCELLED)


def exit_code_of(error: BaseException) -> ExitCode | None:
    """Return the code of an error that a person can act on; None for a defect."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), None)


def innermost(error: BaseException) -> BaseException:
    """Return the one error in nested groups of one, which task groups make."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
