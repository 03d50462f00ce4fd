"""Which tables may be profiled, and how their files are read."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import PositiveInt

from worker.options.setting import setting
from worker.options.values import Names, Paths

__all__ = ["CSV_NULLS", "TableOptions", "TableSettings"]

CSV_NULLS = (
    *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
"""What pandas reads as null (3.0, `read_csv`)."""


@dataclass(frozen=True, kw_only=True)
class TableSettings:
    """What an operator may set of the tables that are profiled."""

    roots: Annotated[
        Paths,
        setting(
            "DQX_WORKER_ROOTS", "Folders below which files may be profiled, separated like PATH."
        ),
    ] = ()
    tables: Annotated[
        Names,
        setting(
            "DQX_WORKER_TABLES",
            "Tables that may be profiled, such as `main.sales.*`, separated by commas.",
        ),
    ] = ("*",)
    csv_nulls: Annotated[
        Names,
        setting(
            "DQX_WORKER_CSV_NULLS",
            "Texts that mean null in a CSV file, separated by commas. The default is pandas' list."
            " `summary_stats` counts for each column which of them were found.",
        ),
    ] = CSV_NULLS
    max_files: Annotated[
        PositiveInt,
        setting(
            "DQX_WORKER_MAX_FILES",
            "Maximum number of files and folders in a folder that is profiled as one table.",
        ),
    ] = 100_000


@dataclass(frozen=True, kw_only=True)
class TableOptions(TableSettings):
    """The options of the room of tables."""

    files: bool = True
    """Whether the engine reads files of this machine: only `local` does."""
