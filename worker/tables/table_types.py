"""The two kinds of tables that the worker profiles. As text each is its name for messages."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

from worker.telemetry.text import NAME_LIMIT, bounded

__all__ = ["CatalogTable", "FileFormat", "FileTable", "Table", "file_format"]


class FileFormat(StrEnum):
    """The formats of files, by the name of Spark's reader."""

    PARQUET = "parquet"
    CSV = "csv"


def file_format(path: PurePath) -> FileFormat | None:
    """Return the format that a file's name shows; None for any other."""
    name = path.name.lower()
    if name.endswith((".parquet", ".parq")):
        return FileFormat.PARQUET
    return FileFormat.CSV if name.endswith((".csv", ".csv.gz")) else None


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table by its parts: catalog, schema and table, or the last ones of these."""

    parts: tuple[str, ...]

    @property
    def quoted(self) -> str:
        """The name with every part in back-quotes, as Spark reads it."""
        return ".".join("`" + part.replace("`", "``") + "`" for part in self.parts)

    def __str__(self) -> str:
        return bounded(".".join(self.parts), NAME_LIMIT)


@dataclass(frozen=True, slots=True)
class FileTable:
    """A file, or a folder of files, that lies below a configured root."""

    path: Path
    format: FileFormat
    files: tuple[Path, ...] = ()
    """The parts of a folder; none for a file, which is its own."""
    empty_files: int = 0
    other_files: int = 0
    """Files in the folder that are passed over: without a byte, and of other formats."""
    read_from: Path | None = None
    """The parquet that the worker made of CSV; None if Spark reads the files themselves."""

    @property
    def parts(self) -> tuple[Path, ...]:
        """The files that hold the rows."""
        return self.files or (self.path,)

    def __str__(self) -> str:
        return bounded(str(self.path), NAME_LIMIT)


Table = CatalogTable | FileTable
