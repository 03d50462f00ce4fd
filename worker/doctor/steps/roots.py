"""The step 'roots': the folders whose files may be profiled."""

import functools
import getpass
import os
from datetime import timedelta
from pathlib import Path

from worker.doctor.errors import files as errors
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult, StepSkipped
from worker.doctor.thread_with_deadline import in_thread
from worker.spark.engine_kind import EngineKind

__all__ = ["check_roots"]

_PATIENCE = timedelta(seconds=10)


async def check_roots(setup: Setup) -> StepResult:
    """See that every folder is there and may be read."""
    options = setup.options.profiling
    if options.engine is not EngineKind.LOCAL:
        setup.roots.give(True)
        raise StepSkipped(f"the engine {options.engine} reads no files")
    if not options.roots:
        raise StepFailed(errors.no_folder_open())
    for root in options.roots:
        silent = StepFailed(errors.root_silent(root, f"{_PATIENCE.total_seconds():g}"))
        if refused := await in_thread(functools.partial(_refused, root), _PATIENCE, silent):
            raise StepFailed(refused)
    setup.roots.give(True)
    named = [str(root) for root in options.roots]
    return StepResult(", ".join(named), {"roots": named})


def _refused(root: Path) -> errors.RootsUnusable | None:
    try:
        there = root.is_dir()
    except PermissionError:
        return errors.root_unreadable(root, _user())
    if not there:
        # A folder above it that may not be entered hides it.
        hidden = any(one.exists() and not os.access(one, os.X_OK) for one in root.parents)
        return errors.root_unreadable(root, _user()) if hidden else errors.root_missing(root)
    return None if os.access(root, os.R_OK | os.X_OK) else errors.root_unreadable(root, _user())


def _user() -> str:
    try:
        return getpass.getuser()
    # No name for the number, as in a container.
    except (KeyError, OSError):
        return str(os.getuid())
