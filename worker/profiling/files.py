"""Files below the folders that the operator has opened: nothing else, by no link."""

import os
from pathlib import Path

from worker.profiling import errors
from worker.profiling.options import EngineKind, ProfilingOptions
from worker.profiling.table import FileFormat, FileTable

__all__ = ["resolve_file"]


def resolve_file(name: str, shown: str, options: ProfilingOptions) -> FileTable:
    """Return the file or folder that the path `name` means; `shown` is its form for messages.

    Raises `TableError` when it does not lie below a root, with every link resolved, or is
    nothing that can be read.
    """
    if options.engine is not EngineKind.LOCAL:
        raise errors.path_elsewhere(shown)
    if not options.roots:
        raise errors.no_roots(shown)
    roots = [root.resolve() for root in options.roots]
    try:
        path = _existing(name, shown, roots)
        files = _files(path, roots) if path.is_dir() else [path]
    except PermissionError as error:
        raise errors.no_permission(shown) from error
    # A loop of links (RuntimeError before Python 3.13), a name that is too long, no permission.
    except (OSError, RuntimeError) as error:
        raise errors.not_followed(shown) from error
    if not all(_below(file, roots) for file in files):
        raise errors.outside_roots(shown)
    if not all(os.access(file, os.R_OK) for file in [path, *files]):
        raise errors.no_permission(shown)
    if path.is_dir():
        if not any(file.is_file() and file.suffix.lower() == ".parquet" for file in files):
            raise errors.no_parquet(shown)
        return FileTable(path, FileFormat.PARQUET)
    lower = path.name.lower()
    if lower.endswith(".parquet"):
        return FileTable(path, FileFormat.PARQUET)
    if lower.endswith((".csv", ".csv.gz")):
        return FileTable(path, FileFormat.CSV)
    raise errors.unknown_format(shown)


def _existing(name: str, shown: str, roots: list[Path]) -> Path:
    """Return the resolved path of `name`, and tell nothing of what lies outside the roots."""
    candidates = [Path(name)] if Path(name).is_absolute() else [root / name for root in roots]
    resolved = [candidate.resolve() for candidate in candidates]
    allowed = [path for path in resolved if _below(path, roots)]
    if not allowed:
        raise errors.outside_roots(shown)
    for path in allowed:
        if path.exists():
            return path
    raise errors.not_found("file", shown)


def _files(folder: Path, roots: list[Path]) -> list[Path]:
    """Return all that lies in `folder`, links resolved and followed, up to one that leads out."""
    found: list[Path] = []
    folders, seen = [folder], {folder}
    while folders:
        for entry in folders.pop().iterdir():
            target = entry.resolve()
            found.append(target)
            if not _below(target, roots):
                return found
            if target.is_dir() and target not in seen:
                seen.add(target)
                folders.append(target)
    return found


def _below(path: Path, roots: list[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)
