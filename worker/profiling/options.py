"""Where Spark runs, what may be profiled, and how much of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from worker.profiling.profile import Sampling
from worker.workspace.options import WorkspaceOptions

__all__ = ["CSV_NULLS", "EngineKind", "ProfilerChoice", "ProfilingOptions"]

CSV_NULLS = (
    *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
"""What pandas reads as null (3.0, `read_csv`)."""


class EngineKind(StrEnum):
    """Where Spark runs."""

    LOCAL = "local"
    CONNECT = "connect"
    DATABRICKS = "databricks"
    RUNTIME = "runtime"


class ProfilerChoice(StrEnum):
    """Who counts what DQX decides by."""

    AUTO = "auto"
    """The worker, where that was compared with stock DQX; else stock DQX."""
    FAST = "fast"
    """The worker; tables that it can't count fail."""
    STOCK = "stock"
    """Stock DQX."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilingOptions:
    """The options of the profiling room."""

    engine: EngineKind
    tables: tuple[str, ...]
    """Patterns of table names that may be profiled, such as `main.sales.*`."""
    roots: tuple[Path, ...]
    """Folders below which files may be profiled."""
    at_once: int
    """Tables in flight, over all runs."""
    profiler: ProfilerChoice
    sampling: Sampling
    """How a table of more rows than the limit is sampled: `STOCK` or `REPRESENTATIVE`."""
    sample_fraction: float
    """Of the rows, with `STOCK`."""
    sample_limit: int | None
    """Rows. A table of at most this many is read whole; None: every table is."""
    sample_seed: int
    sample_bytes: int
    """What may be fetched, as text and binary are long; larger samples Spark counts itself."""
    max_columns: int
    max_files: int
    """Entries of a folder that is one table, those of the folders in it included."""
    stuck_limit: int
    """Threads that hang in Spark or files and are replaced, before the process has to be."""
    spark_memory: str
    """The heap of the embedded JVM, as Spark writes sizes: `2g`."""
    csv_nulls: tuple[str, ...] = CSV_NULLS
    """Texts that mean null in a CSV file."""
    keep_session: timedelta = timedelta(0)
    """Without work for so long the session is asked something; never where it is 0."""
    kill_timeout: timedelta = timedelta(seconds=30)
    """How long tasks of a table may go on in Spark after the table was given up."""
    remote: SecretStr | None = None
    """The address of a Spark Connect server, `sc://…`; it may hold a token."""
    workspace: WorkspaceOptions = field(default_factory=WorkspaceOptions)
    """Whose compute the engine `databricks` works on."""
    warm: bool = True
    """Whether a table is profiled before the first one that is asked for."""
    in_job: bool = False
    """Whether the process runs in a Databricks job or notebook, which has a session."""
