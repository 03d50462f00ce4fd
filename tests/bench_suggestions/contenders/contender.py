"""One way to make rules of the rows of a past."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from tests.bench_suggestions.place import Past, Place
from tests.bench_suggestions.rule import Offer, Rule
from worker.checks.implementation import as_metadata
from worker.checks.portable_arguments import portable
from worker.profiling.results import Candidate
from worker.tables.table_types import FileFormat, FileTable
from worker.workspace.offline import OfflineWorkspace

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["CLIENT", "Contender", "digest_of", "file_of", "rule_of"]

CLIENT = cast("WorkspaceClient", OfflineWorkspace())


@dataclass(frozen=True)
class Contender:
    """A name and the function that makes rules."""

    name: str
    suggest: Callable[[Place, Past], Offer]
    version: Callable[[], str]
    """What its rules depend on beside the rows: results of another version are not used again."""


@contextmanager
def file_of(place: Place, rows: pa.Table) -> Iterator[FileTable]:
    """Keep the rows in a parquet file while the block runs."""
    path = place.folder / f"{uuid4()}.parquet"
    pq.write_table(rows, path)
    try:
        yield FileTable(path, FileFormat.PARQUET)
    finally:
        path.unlink()


def rule_of(candidate: Candidate) -> Rule | None:
    """Return the rule as it would be stored; None if its values can't be."""
    check = portable(candidate.check, zoneless=candidate.zoneless)
    return None if check is None else Rule(candidate.column, as_metadata(check))


def digest_of(paths: Iterable[Path]) -> str:
    """Return a digest of files."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()
